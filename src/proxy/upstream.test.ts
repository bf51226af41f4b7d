import assert from "node:assert/strict";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { test } from "node:test";
import { text } from "node:stream/consumers";
import { openUpstream } from "./proxy.suite.ts";
import { Upstream } from "./upstream.ts";

for (const wrong of [
  "127.0.0.1:3000",
  "ftp://a",
  "http://a/base",
  "http://a?b",
  "http://user:secret@a",
  "http://",
]) {
  test(`an upstream at ${wrong} is refused, without secrets in the message`, () => {
    assert.throws(
      () => new Upstream(wrong),
      (error: Error) =>
        error.message.startsWith("upstream: expected the address of a server") &&
        !error.message.includes("secret"),
    );
  });
}

test("Upstream sends exactly what it is given, and keeps the connection", async () => {
  await using upstream = await openUpstream((_request, response) => response.end("hello"));
  const there = new Upstream(upstream.url);
  for (const _ of [1, 2]) {
    const request = there.request({
      method: "GET",
      target: "/a",
      headers: ["Host", "x.example", "A", "1", "A", "2"],
    });
    const [answer] = (await once(request.end(), "response")) as [IncomingMessage];
    assert.equal(await text(answer), "hello");
  }
  const [first, second] = upstream.asked;
  assert.deepEqual(first?.rawHeaders, ["Host", "x.example", "A", "1", "A", "2"]);
  assert.equal(first.socket.remotePort, second?.socket.remotePort);
  there.close();
});

test("Upstream gives its own host to a request without one", async () => {
  await using upstream = await openUpstream((_request, response) => response.end());
  const there = new Upstream(upstream.url);
  await once(there.request({ method: "GET", target: "/", headers: ["A", "host"] }).end(), "response");
  assert.deepEqual(upstream.asked[0]?.rawHeaders, ["Host", new URL(upstream.url).host, "A", "host"]);
  there.close();
});
