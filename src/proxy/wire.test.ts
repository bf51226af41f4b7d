import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { exchange, openProxy, openUpstream } from "./proxy.suite.ts";

const ASYNC = "Prefer: respond-async, wait=30\r\n";
const CHUNKED = "Transfer-Encoding: chunked";

/**
 * Heads and bodies after `POST / HTTP/1.1` that two servers could interpret differently. @see RFC
 * 9112, section 11.2
 */
const AMBIGUOUS: Readonly<Record<string, string>> = {
  "two lengths": "Host: localhost\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcde",
  "two equal lengths": "Host: localhost\r\nContent-Length: 4\r\nContent-Length: 4\r\n\r\nabcd",
  "a list of lengths": "Host: localhost\r\nContent-Length: 4, 4\r\n\r\nabcd",
  "a length with a sign": "Host: localhost\r\nContent-Length: +4\r\n\r\nabcd",
  "a length and chunks": `Host: localhost\r\nContent-Length: 6\r\n${CHUNKED}\r\n\r\n0\r\n\r\nG`,
  "chunks and a length": `Host: localhost\r\n${CHUNKED}\r\nContent-Length: 6\r\n\r\n0\r\n\r\nG`,
  "chunks that are not the last encoding": `Host: localhost\r\n${CHUNKED}, gzip\r\n\r\n0\r\n\r\n`,
  "a tab before the colon": "Host: localhost\r\nTransfer-Encoding\t: chunked\r\n\r\n0\r\n\r\n",
  "a space before the colon": "Host: localhost\r\nX-A : 1\r\n\r\n",
  "a bare line feed": "Host: localhost\r\nX-A: 1\nX-B: 2\r\n\r\n",
  "a bare carriage return": "Host: localhost\r\nX-A: 1\rX-B: 2\r\n\r\n",
  "a folded header": `X-A: 1\r\n\tX-B: 2\r\nHost: localhost\r\n ${CHUNKED}\r\n\r\n`,
  "two hosts": "Host: localhost\r\nHost: evil.example\r\n\r\n",
};

const SECOND = "GET /second HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

function get(path: string, more = ""): string {
  return `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${more}\r\n`;
}

suite("requests as bytes", () => {
  for (const [form, rest] of Object.entries(AMBIGUOUS)) {
    test(`${form}: refused, and the upstream sees nothing`, async () => {
      await using upstream = await openUpstream((request, response) => response.end(request.url));
      await using proxy = await openProxy(upstream.url);
      for (const prefer of ["", ASYNC]) {
        const answer = await exchange(proxy.port, `POST / HTTP/1.1\r\n${prefer}${rest}${SECOND}`);
        assert.deepEqual(answer.match(/HTTP\/1\.1 \d+/g), ["HTTP/1.1 400"], answer);
      }
      assert.equal(upstream.asked.length, 0);
    });
  }

  test("a chunk of an invalid size ends the request, and does not begin another", async () => {
    await using upstream = await openUpstream(
      (request, response) => void request.resume().on("end", () => response.end("whole")),
    );
    await using proxy = await openProxy(upstream.url);
    for (const prefer of ["", ASYNC]) {
      const head = `POST / HTTP/1.1\r\n${prefer}Host: localhost\r\n${CHUNKED}\r\n\r\n`;
      const answer = await exchange(proxy.port, `${head}0x1\r\na\r\n0\r\n\r\n${SECOND}`);
      assert.doesNotMatch(answer, /whole/);
      assert.doesNotMatch(answer, /^HTTP\/1\.1 [23]/m);
    }
    for (const { url, complete } of upstream.asked) assert.deepEqual([url, complete], ["/", false]);
  });

  test("an address cannot add a header", async () => {
    await using upstream = await openUpstream((request, response) =>
      response.end(JSON.stringify([request.url, request.headers["x-injected"] ?? null])),
    );
    await using proxy = await openProxy(upstream.url);
    const target = "/a%0d%0aX-Injected:%201%0d%0a?b=%0aX-Injected:1";
    for (const prefer of ["", ASYNC]) {
      const head = `GET ${target} HTTP/1.1\r\nHost: localhost\r\n${prefer}Connection: close\r\n\r\n`;
      const answer = await exchange(proxy.port, head);
      assert.ok(answer.includes(JSON.stringify([target, null])), answer);
    }
    const spaced = await exchange(proxy.port, `GET /a b HTTP/1.1\r\nHost: localhost\r\n\r\n${SECOND}`);
    assert.match(spaced, /^HTTP\/1\.1 400 /);
    assert.equal(upstream.asked.length, 2);
  });

  test("requests that arrive together are answered in order, including stored ones", async () => {
    await using upstream = await openUpstream((request, response) => response.end(`<${request.url}>`));
    await using proxy = await openProxy(upstream.url);
    const heads = [get("/1"), get("/2", ASYNC), get("/3"), get("/4", "Connection: close\r\n")];
    const answers = await exchange(proxy.port, heads.join(""));
    assert.deepEqual(answers.match(/<[^>]*>/g), ["</1>", "</2>", "</3>", "</4>"]);
    assert.equal(answers.match(/^asyncresult: 200/gim)?.length, 1);
    assert.equal(upstream.asked.length, 4);
  });

  test("a caller of HTTP/1.0 needs no Host and gets no chunks", async () => {
    await using upstream = await openUpstream((request, response) => {
      response.write(request.headers.host ?? "");
      response.end("!");
    });
    await using proxy = await openProxy(upstream.url);
    const host = new URL(upstream.url).host;
    for (const prefer of ["", ASYNC]) {
      const answer = await exchange(proxy.port, `PUT / HTTP/1.0\r\n${prefer}\r\n`);
      const [head = "", body] = answer.split("\r\n\r\n");
      assert.match(head, /^HTTP\/1\.1 200 OK\r\n/);
      assert.doesNotMatch(head, /transfer-encoding/i);
      assert.equal(body, `${host}!`);
    }
    const upgrade = "GET / HTTP/1.0\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n";
    assert.match(await exchange(proxy.port, upgrade), new RegExp(`^HTTP/1\\.1 200 [^]*${host}!$`));
  });
});
