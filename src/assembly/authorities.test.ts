import assert from "node:assert/strict";
import { after, test } from "node:test";
import { z } from "zod";
import { defineMethod } from "../core/method/method.ts";
import { Teller } from "../core/teller.ts";
import { FIRST_PAIR } from "../server/listening/certificates.suite.ts";
import { Events } from "../worker/test-worker.suite.ts";
import { openWorkerToldBy } from "./open-worker.ts";
import { trustAuthorities } from "./authorities.ts";
import { serve } from "./serve.ts";

const method = defineMethod({ name: "a", request: z.object({}), run: () => {} });

test("what is no certificate is refused", () => {
  assert.throws(() => trustAuthorities("no certificate"), /^TypeError: ca: expected certificates as PEM/);
});

test("a worker trusts a server by the authorities that it is given, in the thread that renews leases too", async () => {
  const store = "sqlite::memory:";
  const served = await serve({ methods: [method], store, port: 0, concurrency: 0, tls: FIRST_PAIR });
  after(() => served.stop());
  const began = Promise.withResolvers<void>();
  const held = defineMethod({ name: "a", request: z.object({}), run: () => began.promise });
  const server = served.url.replace("127.0.0.1", "localhost");
  const opening = async (url: string, ca: string) => {
    const teller = new Teller();
    const events = new Events();
    teller.watch(events.listener);
    const worker = await openWorkerToldBy(teller, { server: url, methods: [held], lease: "5s" }, { ca });
    after(() => worker.stop({ drain: "0s" }));
    return { worker, events };
  };
  const stranger = await opening(server, "");
  assert.match(String(stranger.worker.trouble), /could not reach the server/);
  await stranger.worker.stop();
  for (const url of [server, server.replace("https", "grpcs")]) {
    const { worker, events } = await opening(url, FIRST_PAIR.cert);
    assert.equal(worker.trouble, undefined);
    const { name } = await served.operations.start(method, {});
    await events.until("attempt.began");
    // Longer than the lease, which only the thread renews.
    const held1 = await served.operations.wait(name, { timeout: "6s" });
    assert.equal(held1.done, false);
    assert.equal(events.count("attempt.lost"), 0);
    await worker.stop({ drain: "0s" });
    await served.operations.delete(name);
  }
  began.resolve();
});
