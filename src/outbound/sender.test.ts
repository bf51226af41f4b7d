import assert from "node:assert/strict";
import { text } from "node:stream/consumers";
import { suite, test } from "node:test";
import { LIMITS } from "../core/limits.ts";
import { systemClock } from "../core/ports/clock.ts";
import { ManualClock } from "../testing/manual-clock.ts";
import { Receiver } from "./receiver.suite.ts";
import { RequestTimeout, Sender, type SenderParts } from "./sender.ts";

const NEVER = { signal: new AbortController().signal };

function aSender(parts: Partial<SenderParts> = {}): Sender & Disposable {
  const sender = new Sender({ clock: systemClock, userAgent: "test", ...parts });
  return Object.assign(sender, { [Symbol.dispose]: () => sender.close() });
}

suite("Sender", () => {
  test("sends bytes and headers, and returns the answer with a readable body", async () => {
    await using receiver = await Receiver.open();
    receiver.answer = (response) => void response.writeHead(201, { "retry-after": "7" }).end("ö");
    using sender = aSender();
    const url = new URL(`${receiver.url}/a?b`);
    const answer = await sender.send(url, { headers: { "x-a": "1" }, body: '{"ä":1}' }, NEVER);
    assert.deepEqual([answer.statusCode, answer.headers["retry-after"]], [201, "7"]);
    assert.equal(await text(answer), "ö");
    await text(await sender.send(url, { method: "GET", headers: { "user-agent": "other" } }, NEVER));
    const [posted, got] = receiver.arrivals;
    assert.deepEqual([posted?.body, posted?.path, posted?.headers["x-a"]], ['{"ä":1}', "/a?b", "1"]);
    assert.deepEqual([posted?.headers["content-length"], posted?.headers["user-agent"]], ["8", "test"]);
    assert.deepEqual([got?.headers["content-length"], got?.headers["user-agent"]], [undefined, "other"]);
  });

  test("keeps a connection, and closes it in the end", async () => {
    await using receiver = await Receiver.open();
    const sockets = new Set<unknown>();
    const closed = Promise.withResolvers<void>();
    receiver.answer = (response) => {
      if (!sockets.has(response.socket)) response.socket?.once("close", () => closed.resolve());
      sockets.add(response.socket);
      response.end();
    };
    const sender = aSender();
    for (let count = 0; count < 3; count++)
      await text(await sender.send(new URL(receiver.url), { headers: {} }, NEVER));
    assert.equal(sockets.size, 1);
    sender.close();
    await closed.promise;
  });

  test("gives up if there is no answer within the timeout, if one is set", async () => {
    await using receiver = await Receiver.open();
    receiver.answer = () => {};
    const clock = new ManualClock();
    using sender = aSender({ clock, answerMsMax: 1_000 });
    using patient = aSender({ clock });
    const silent = assert.rejects(
      sender.send(new URL(receiver.url), { headers: {} }, NEVER),
      new RequestTimeout("no answer"),
    );
    const controller = new AbortController();
    const way = { signal: controller.signal };
    const waits = assert.rejects(patient.send(new URL(receiver.url), { headers: {} }, way), /enough/);
    await receiver.until(2);
    await clock.advance(LIMITS.httpTargetMsMax);
    await silent;
    controller.abort(new Error("enough"));
    await waits;
    await assert.rejects(patient.send(new URL(receiver.url), { headers: {} }, way), /enough/);
    assert.equal(receiver.arrivals.length, 2);
    assert.equal(clock.pending, 0);
  });
});
