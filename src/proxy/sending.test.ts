import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { RequestListener } from "node:http";
import { suite, test } from "node:test";
import { StatusError } from "../core/error/error.ts";
import { LIMITS } from "../core/limits.ts";
import { ManualClock } from "../testing/manual-clock.ts";
import type { KeptRequest } from "./record.ts";
import { openUpstream } from "./proxy.suite.ts";
import { send } from "./sending.ts";
import { Upstream } from "./upstream.ts";

const REQUEST: KeptRequest = {
  method: "POST",
  target: "/a?b",
  headers: [["X-Own", "1"]],
  body: Buffer.from("abc").toString("base64"),
};
const NAME = "operations/0199aabb-ccdd-7eff-8000-000000000001";

/** Sends a request to a server with this listener. */
async function sendTo(
  listener: RequestListener,
  request: KeptRequest = REQUEST,
  how: { attempt?: number; signal?: AbortSignal; clock?: ManualClock; traceparent?: string } = {},
) {
  await using upstream = await openUpstream(listener);
  const { attempt = 1, signal = new AbortController().signal, clock = new ManualClock() } = how;
  const there = new Upstream(upstream.url);
  try {
    const parts = { upstream: there, clock, patienceMs: 5_000, traceparent: () => how.traceparent };
    const answer = await send(request, { name: NAME, attempt, signal }, parts);
    return { answer, asked: upstream.asked };
  } finally {
    there.close();
    assert.equal(clock.pending, 0);
  }
}

const fails = (reason: string) => (error: unknown) => error instanceof StatusError && error.reason === reason;

/** Begins an answer, and closes the connection. */
const cut: RequestListener = (_request, response) =>
  response.writeHead(200, { "content-length": 9 }).write("a", () => response.destroy());

/** Answers with the given number of bytes. */
const bytesOf =
  (size: number): RequestListener =>
  (_request, response) =>
    response.writeHead(200, { "x-a": "1" }).end(Buffer.alloc(size));

suite("send()", () => {
  test("sends the stored request, with the operation, a key and the trace, and stores the answer unchanged", async () => {
    let body = "";
    const { answer, asked } = await sendTo(
      (request, response) => {
        request.on("data", (chunk) => (body += String(chunk)));
        request.on("end", () => {
          response.writeHead(201, "Made", [
            "X-B",
            "1",
            "Set-Cookie",
            "s=1",
            "X-B",
            "2",
            "Content-Encoding",
            "gzip",
          ]);
          response.end(Buffer.from([0, 255, 1]));
        });
      },
      { ...REQUEST, headers: [...REQUEST.headers, ["traceparent", "of-the-caller"]] },
      { traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" },
    );
    assert.equal(body, "abc");
    const { headers, url, method } = asked[0] ?? assert.fail();
    assert.deepEqual([method, url, headers["x-own"], headers["content-length"]], ["POST", "/a?b", "1", "3"]);
    assert.equal(headers["longrunning-operation"], NAME);
    assert.equal(headers["idempotency-key"], NAME.slice("operations/".length));
    assert.equal(headers["traceparent"], "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    assert.deepEqual([answer.status, answer.statusText, answer.body], [201, "Made", "AP8B"]);
    assert.deepEqual(answer.headers.slice(0, 3), [
      ["X-B", "1"],
      ["X-B", "2"],
      ["Content-Encoding", "gzip"],
    ]);
    assert.deepEqual(
      [answer.sizeBytes, answer.sha256],
      [
        3,
        createHash("sha256")
          .update(Buffer.from([0, 255, 1]))
          .digest("hex"),
      ],
    );
  });

  test("passes the caller's own key on, and treats any status as an answer", async () => {
    const request = { ...REQUEST, headers: [["Idempotency-Key", "k"]] as const, method: "GET", body: "" };
    const { answer, asked } = await sendTo((_request, response) => response.writeHead(503).end(), request);
    assert.equal(answer.status, 503);
    assert.equal(asked[0]?.headers["idempotency-key"], "k");
    assert.equal(asked[0]?.headers["content-length"], undefined);
  });

  test("retries if an answer never comes or is cut, except for requests that must not be repeated", async () => {
    for (const gone of [cut, (({ socket }) => void socket.destroy()) as RequestListener]) {
      await assert.rejects(sendTo(gone), fails("UPSTREAM_ANSWER_LOST"));
      await assert.rejects(sendTo(gone, { ...REQUEST, method: "PUT" }), fails("UPSTREAM_UNREACHABLE"));
      const keyed = { ...REQUEST, headers: [["idempotency-key", "k"]] as const };
      await assert.rejects(sendTo(gone, keyed), fails("UPSTREAM_UNREACHABLE"));
    }
  });

  test("sends nothing in a second attempt of a request that must not be repeated", async () => {
    await assert.rejects(
      sendTo(() => assert.fail(), REQUEST, { attempt: 2 }),
      fails("UPSTREAM_ANSWER_LOST"),
    );
    const { answer } = await sendTo(
      (_request, response) => response.end(),
      { ...REQUEST, method: "PUT" },
      { attempt: 2 },
    );
    assert.equal(answer.status, 200);
  });

  test("an answer that does not come in time is UPSTREAM_TIMED_OUT", async () => {
    const clock = new ManualClock();
    const sending = sendTo(
      (request) => void request.resume().on("end", () => void clock.advance(5_000)),
      REQUEST,
      { clock },
    );
    await assert.rejects(sending, fails("UPSTREAM_TIMED_OUT"));
  });

  test("an abort ends the request at the upstream, with its reason", async () => {
    const controller = new AbortController();
    const ended = Promise.withResolvers<void>();
    const sending = sendTo(
      (_request, response) => {
        response.on("close", () => ended.resolve());
        controller.abort(new Error("enough"));
      },
      REQUEST,
      { signal: controller.signal },
    );
    await assert.rejects(sending, /enough/);
    await ended.promise;
  });

  test("the largest answer is stored, and for a larger one its status and headers", async () => {
    const { answer } = await sendTo(bytesOf(LIMITS.proxyAnswerBytesMax));
    assert.ok(JSON.stringify(answer).length <= LIMITS.payloadBytesMax - LIMITS.proxyAnswerHeadersMax * 2);
    const error = await sendTo(bytesOf(LIMITS.proxyAnswerBytesMax + 1)).catch((thrown: unknown) => thrown);
    assert.ok(error instanceof StatusError && error.reason === "RESPONSE_TOO_LARGE");
    assert.equal(error.metadata["status"], "200");
    const { value } = error.details[0] as unknown as { value: { status: number; headers: string[][] } };
    assert.equal(value.status, 200);
    assert.deepEqual(value.headers[0], ["x-a", "1"]);
  });
});
