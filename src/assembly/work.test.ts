import assert from "node:assert/strict";
import { after, test } from "node:test";
import { z } from "zod";
import { defineMethod } from "../core/method/method.ts";
import { StatusError } from "../core/error/error.ts";
import { Teller } from "../core/teller.ts";
import { startTestServer } from "../testing/test-server.ts";
import { Events } from "../worker/test-worker.suite.ts";
import { workToldBy } from "./work.ts";

const method = defineMethod({ name: "a", request: z.object({}), run: () => {} });
const probing = { methods: [method], host: "127.0.0.1", probePort: 0, ca: "" };

/** The status of a probe. */
const status = async (url: string): Promise<number> => (await fetch(url)).status;

test("a port has probes, which say whether the server answers", async () => {
  const server = await startTestServer([method], { concurrency: 0 });
  const teller = new Teller();
  const events = new Events();
  teller.watch(events.listener);
  const working = await workToldBy(teller, { ...probing, server: server.url });
  after(() => working.stop({ drain: "0s" }));
  assert.equal(await status(`${working.probeUrl}/readyz`), 200);
  assert.equal(await status(`${working.probeUrl}/livez`), 200);
  await server.stop();
  await events.until("claim.failed");
  // A probe queries at most once a second.
  let ready = 200;
  for (let each = 0; ready === 200 && each < 10_000; each++)
    ready = await status(`${working.probeUrl}/readyz`);
  assert.equal(ready, 503);
  assert.equal(await status(`${working.probeUrl}/livez`), 200);
  await working.stop();
  await assert.rejects(status(`${working.probeUrl}/livez`));
});

test("without a port there are no probes, and stopping does nothing else", async () => {
  await using server = await startTestServer([method], { concurrency: 0 });
  const working = await workToldBy(new Teller(), { ...probing, probePort: undefined, server: server.url });
  assert.equal(working.probeUrl, "");
  await working.stop();
});

test("a refused worker leaves no port open", async () => {
  await using server = await startTestServer([], { concurrency: 0 });
  const teller = new Teller();
  const urls: string[] = [];
  teller.watch(
    (...[event, fields]) => void (event === "port.opened" && urls.push(fields.url)),
    ["port.opened"],
  );
  await assert.rejects(workToldBy(teller, { ...probing, server: server.url }), (error) => {
    assert.ok(error instanceof StatusError);
    return error.reason === "METHOD_NOT_FOUND";
  });
  await assert.rejects(status(`${urls[0]}/livez`));
});
