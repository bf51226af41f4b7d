import assert from "node:assert/strict";
import { once } from "node:events";
import http, { type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { suite, test } from "node:test";
import { LIMITS } from "../core/limits.ts";
import { ManualClock, settled } from "../testing/manual-clock.ts";
import { Passing, targetOf } from "./passing.ts";
import { exchange, openUpstream } from "./proxy.suite.ts";
import { Upstream } from "./upstream.ts";

/** A server that only passes requests through, on a ManualClock. */
async function openPassing(url: string, patienceMs = 10_000) {
  const clock = new ManualClock();
  const upstream = new Upstream(url);
  const passing = new Passing({ upstream, clock, patienceMs, reachedBy: undefined, domain: "d" });
  const pass: RequestListener = (request, response) => passing.pass(request, response);
  const server = http.createServer({ requestTimeout: 0 }, pass);
  server.on("checkContinue", pass);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    clock,
    passing,
    port,
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      upstream.close();
      server.closeAllConnections();
      const closed = once(server, "close");
      server.close();
      await closed;
      // Nothing is left; otherwise the test does not end in time.
      await until(() => passing.underWay === 0 && clock.pending === 0);
    },
  };
}

/** Waits for a condition. */
async function until(happened: () => boolean): Promise<void> {
  while (!happened()) await settled();
}

interface Refusal {
  readonly error: { readonly code: number; readonly details: readonly { readonly reason: string }[] };
}
const reasonOf = async (answer: Response): Promise<string | undefined> =>
  ((await answer.json()) as Refusal).error.details[0]?.reason;

/** The head of a request that asks whether its body is wanted. */
const askingHead = (path: string): string =>
  `PUT ${path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n`;

suite("Passing", () => {
  test("passes a request and its answer on unchanged, with repeated headers and in their spelling", async () => {
    await using upstream = await openUpstream((request, response) => {
      const headers = ["Set-Cookie", "a=1", "Set-Cookie", "b=2", "X-Odd", "é", "Keep-Alive", "x"];
      response.writeHead(207, "Many Things", headers);
      request.pipe(response);
    });
    await using proxy = await openPassing(upstream.url);
    const text =
      "PUT /a%2fb?q=%C3%A9 HTTP/1.1\r\nHost: h.example\r\nX-Two: 1\r\nX-Two: 2\r\nConnection: close, X-Own\r\nX-Own: 1\r\nContent-Length: 3\r\n\r\nabc";
    const answer = await exchange(proxy.port, text);
    assert.match(answer, /^HTTP\/1\.1 207 Many Things\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nX-Odd: é\r\n/);
    assert.doesNotMatch(answer, /keep-alive: x/i);
    assert.match(answer, /\r\n3\r\nabc\r\n0\r\n\r\n$/);
    const [asked] = upstream.asked;
    assert.equal(asked?.url, "/a%2fb?q=%C3%A9");
    assert.deepEqual(asked.rawHeaders.slice(0, 8), [
      "Host",
      "h.example",
      "X-Two",
      "1",
      "X-Two",
      "2",
      "Content-Length",
      "3",
    ]);
    assert.equal(asked.headers["x-own"], undefined);
  });

  test("passes trailers in both directions", async () => {
    await using upstream = await openUpstream((request, response) => {
      response.writeHead(200, { trailer: "X-Sum" });
      request.resume().on("end", () => {
        response.write("a");
        response.addTrailers({ "X-Sum": `got ${request.trailers["x-check"]}` });
        response.end();
      });
    });
    await using proxy = await openPassing(upstream.url);
    const text =
      "POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nTransfer-Encoding: chunked\r\nTrailer: X-Check\r\n\r\n1\r\nx\r\n0\r\nX-Check: 7\r\n\r\n";
    assert.match(
      await exchange(proxy.port, text),
      /Trailer: X-Sum\r\n[^]*\r\n1\r\na\r\n0\r\nX-Sum: got 7\r\n\r\n$/,
    );
  });

  test("lets the upstream decide whether a body is wanted (Expect: 100-continue)", async () => {
    await using upstream = await openUpstream((request, response) => request.pipe(response));
    upstream.server.on("checkContinue", (request: IncomingMessage, response: ServerResponse) => {
      if (request.url === "/no") return void response.writeHead(417).end("no");
      response.writeContinue();
      request.pipe(response);
    });
    await using proxy = await openPassing(upstream.url);
    assert.match(await exchange(proxy.port, askingHead("/no")), /^HTTP\/1\.1 417 [^]*no\r\n0\r\n\r\n$/);
    const socket = connect(proxy.port, "127.0.0.1");
    socket.write(askingHead("/yes"));
    const [first] = (await once(socket, "data")) as [Buffer];
    assert.equal(first.toString(), "HTTP/1.1 100 Continue\r\n\r\n");
    socket.write("abc");
    const rest: Buffer[] = [];
    for await (const chunk of socket as AsyncIterable<Buffer>) rest.push(chunk);
    assert.match(Buffer.concat(rest).toString(), /^HTTP\/1\.1 200 OK[^]*\r\nabc\r\n0\r\n\r\n$/);
  });

  test("passes the head and each event on as they come, and tells the upstream when the caller leaves", async () => {
    let answer: ServerResponse | undefined;
    await using upstream = await openUpstream((_request, response) => {
      answer = response;
      response.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders();
    });
    await using proxy = await openPassing(upstream.url);
    const hangUp = new AbortController();
    const asked = await fetch(`${proxy.url}/events`, { signal: hangUp.signal });
    assert.equal(asked.headers.get("content-type"), "text/event-stream");
    const reader = asked.body?.getReader();
    for (const event of ["data: 1\n\n", "data: 2\n\n"]) {
      answer?.write(event);
      const { value } = (await reader?.read()) ?? {};
      assert.equal(Buffer.from(value ?? []).toString(), event);
    }
    // However long nothing arrives.
    await proxy.clock.advance(3_600_000);
    const gone = once(answer ?? assert.fail(), "close");
    hangUp.abort();
    await gone;
  });

  test("cuts the caller's answer if the upstream's is cut", async () => {
    let answer: ServerResponse | undefined;
    await using upstream = await openUpstream((_request, response) => {
      answer = response;
      response.writeHead(200, { "content-length": 10 }).write("12345");
    });
    await using proxy = await openPassing(upstream.url);
    const asked = await fetch(proxy.url);
    assert.equal(asked.status, 200);
    answer?.destroy();
    await assert.rejects(asked.text());
  });

  test("reads a request no faster than the upstream accepts it", async () => {
    const size = 64 * 1024 * 1024;
    let request: IncomingMessage | undefined;
    await using upstream = await openUpstream((asked) => void (request = asked));
    await using proxy = await openPassing(upstream.url);
    const socket = connect(proxy.port, "127.0.0.1");
    socket.write(`POST / HTTP/1.1\r\nHost: h\r\nContent-Length: ${size}\r\n\r\n`);
    const chunk = Buffer.alloc(1024 * 1024);
    let sent = 0;
    const before = process.memoryUsage().rss;
    // Nobody reads: data beyond the kernel's buffers stays with the caller.
    for (let still = 0; still < 200; still++) {
      while (sent < size && socket.writableLength === 0) {
        socket.write(chunk);
        sent += chunk.length;
        still = 0;
      }
      await settled();
    }
    assert.ok(sent < size / 2, `${sent} bytes were taken`);
    assert.ok(process.memoryUsage().rss - before < size);
    await until(() => request !== undefined);
    socket.destroy();
    // Unread data precedes the end.
    request?.on("error", () => {}).resume();
    await until(() => request?.destroyed === true);
    assert.equal(request?.complete, false);
  });

  test("reads an answer no faster than the caller accepts it", async () => {
    const size = 64 * 1024 * 1024;
    const chunk = Buffer.alloc(1024 * 1024);
    let sent = 0;
    await using upstream = await openUpstream((_request, response) => {
      const send = (): void => {
        while (sent < size) {
          sent += chunk.length;
          if (!response.write(chunk)) return void response.once("drain", send);
        }
        response.end();
      };
      send();
    });
    await using proxy = await openPassing(upstream.url);
    const socket = connect(proxy.port, "127.0.0.1");
    socket.write("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    await until(() => sent > 0);
    for (let still = 0, before = 0; still < 200; still++) {
      if (sent !== before) still = 0;
      before = sent;
      await settled();
    }
    assert.ok(sent < size / 2, `${sent} bytes were taken`);
    let read = 0;
    for await (const each of socket as AsyncIterable<Buffer>) read += each.length;
    assert.ok(read > size);
  });

  test("answers 502 in our words if the upstream is unavailable", async () => {
    const upstream = await openUpstream(() => {});
    await upstream[Symbol.asyncDispose]();
    await using proxy = await openPassing(upstream.url);
    const asked = await fetch(proxy.url, { method: "POST", body: "a" });
    assert.equal(asked.status, 502);
    assert.equal(await reasonOf(asked), "UPSTREAM_UNREACHABLE");
  });

  test("answers 504 if the upstream does not begin to answer, counted from the end of the request", async () => {
    await using upstream = await openUpstream((request) => void request.resume());
    await using proxy = await openPassing(upstream.url);
    const asking = fetch(proxy.url, { method: "POST", body: "a" });
    await until(() => upstream.asked[0]?.complete === true);
    await until(() => proxy.clock.pending === 1);
    await proxy.clock.advance(10_000);
    const asked = await asking;
    assert.equal(asked.status, 504);
    assert.equal(await reasonOf(asked), "UPSTREAM_TIMED_OUT");
  });

  test("answers 408 to a caller that stops in the middle of its body, but not to one that continues slowly", async () => {
    let came = "";
    await using upstream = await openUpstream((request) =>
      request.setEncoding("utf8").on("data", (text: string) => (came += text)),
    );
    await using proxy = await openPassing(upstream.url);
    const socket = connect(proxy.port, "127.0.0.1");
    socket.write("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\na");
    await until(() => came === "a");
    assert.equal(proxy.clock.pending, 1);
    await proxy.clock.advance(LIMITS.proxyUploadMs - 1);
    socket.write("b");
    await until(() => came === "ab");
    await proxy.clock.advance(LIMITS.proxyUploadMs);
    assert.equal(proxy.clock.pending, 1);
    await proxy.clock.advance(LIMITS.proxyUploadMs);
    const [answer] = (await once(socket, "data")) as [Buffer];
    assert.match(answer.toString(), /^HTTP\/1\.1 408 /);
    socket.destroy();
  });

  test("repeats a safe request over another connection if a kept one was just closed", async () => {
    let count = 0;
    await using upstream = await openUpstream((request, response) => {
      count++;
      if (count % 2 === 0) request.socket.destroy();
      else response.end(`${count}`);
    });
    await using proxy = await openPassing(upstream.url);
    assert.equal(await (await fetch(proxy.url)).text(), "1");
    assert.equal(await (await fetch(proxy.url)).text(), "3");
    assert.equal((await fetch(proxy.url, { method: "POST", body: "a" })).status, 502);
    assert.equal(await (await fetch(proxy.url)).text(), "5");
    assert.equal((await fetch(proxy.url, { method: "POST" })).status, 502);
    assert.equal(count, 6);
  });

  test("limits concurrent requests", async () => {
    await using upstream = await openUpstream((_request, response) => response.end());
    await using proxy = await openPassing(upstream.url);
    const closings: (() => void)[] = [];
    const side = { on: (_event: "close", listener: () => void) => closings.push(listener) };
    for (let index = 0; index < LIMITS.proxyPassedMax; index++)
      assert.equal(proxy.passing.enter(side), undefined);
    const asked = await fetch(proxy.url);
    assert.deepEqual([asked.status, asked.headers.get("retry-after")], [503, "1"]);
    assert.equal(await reasonOf(asked), "TOO_MANY_PASSED_REQUESTS");
    for (const close of closings) close();
    assert.equal((await fetch(proxy.url)).status, 200);
  });
});

test("targetOf() reads addresses of all forms", () => {
  assert.deepEqual(
    ["/a?b", "http://h.example/a?b", "http://h.example", "http://h?b", "*"].map((url) =>
      targetOf({ url } as IncomingMessage),
    ),
    ["/a?b", "/a?b", "/", "/?b", "*"],
  );
});
