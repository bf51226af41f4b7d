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

test("an invalid certificate is refused", () => {
  assert.throws(() => trustAuthorities("no certificate"), /^TypeError: ca: expected certificates as PEM/);
});

test("a worker trusts a server by the given authorities, in the thread that renews leases too", async () => {
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
    const options = { server: url, methods: [held], lease: "5s", concurrency: 1 } as const;
    const worker = await openWorkerToldBy(teller, options, { ca });
    after(() => worker.stop({ drain: "0s" }));
    return { worker, events };
  };
  const stranger = await opening(server, "");
  assert.match(String(stranger.worker.trouble), /could not reach the server/);
  await stranger.worker.stop();
  const workers = await Promise.all(
    [server, server.replace("https", "grpcs")].map((url) => opening(url, FIRST_PAIR.cert)),
  );
  const names = await Promise.all(workers.map(async () => (await served.operations.start(method, {})).name));
  for (const { worker, events } of workers) {
    assert.equal(worker.trouble, undefined);
    await events.until("attempt.began");
  }
  // Longer than the lease, which only the thread renews.
  const later = await Promise.all(names.map((name) => served.operations.wait(name, { timeout: "6s" })));
  for (const [index, { worker, events }] of workers.entries()) {
    assert.equal(later[index]?.done, false);
    assert.equal(events.count("attempt.lost"), 0);
    await worker.stop({ drain: "0s" });
  }
  began.resolve();
});
