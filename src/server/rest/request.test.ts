import assert from "node:assert/strict";
import { test } from "node:test";
import { ANONYMOUS } from "../../core/caller.ts";
import { silence } from "../../core/events.ts";
import { ManualClock } from "../../testing/manual-clock.ts";
import { anonymously } from "../authenticate.ts";
import { listen } from "../listening/listen.ts";
import { Shares } from "../sharing/shares.ts";
import { ConnectionRequest } from "./request.ts";

const forgotten = (): never => assert.fail("nobody listens any more");

test("ConnectionRequest wraps a request, and aborts one signal when the caller hangs up", async () => {
  const shares = new Shares(new ManualClock());
  const aborted = Promise.withResolvers<void>();
  const seen = Promise.withResolvers<ConnectionRequest>();
  const listening = await listen(
    (request, response) => {
      const shown = new ConnectionRequest({ request, response, share: shares.ofSocket(request.socket) }, () =>
        anonymously(request),
      );
      shown.waiting().addEventListener("abort", forgotten);
      shown.waiting().removeEventListener("abort", forgotten);
      shown.waiting().addEventListener("abort", () => aborted.resolve());
      seen.resolve(shown);
    },
    { host: "127.0.0.1", port: 0, tell: silence },
  );
  const hangUp = new AbortController();
  const call = fetch(`http://127.0.0.1:${listening.port}/a?b`, {
    method: "POST",
    body: "body",
    headers: { "x-a": "b" },
    signal: hangUp.signal,
  });
  const request = await seen.promise;
  assert.deepEqual([request.method, request.target, request.headers["x-a"]], ["POST", "/a?b", "b"]);
  assert.deepEqual([request.inBatch, request.waitMsMax, request.gone], [false, undefined, false]);
  assert.equal(request.caller(), ANONYMOUS);
  assert.equal(request.localHost, `127.0.0.1:${listening.port}`);
  assert.equal(Buffer.from(await request.readBody(10)).toString(), "body");
  hangUp.abort();
  await assert.rejects(call);
  await aborted.promise;
  assert.equal(request.gone, true);
  assert.equal(request.waiting().aborted, true);
  await listening.close();
});
