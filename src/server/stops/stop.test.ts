import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:http2";
import { connect as connectSocket } from "node:net";
import { suite, test } from "node:test";
import { text } from "node:stream/consumers";
import { FIRST_PAIR } from "../listening/certificates.suite.ts";
import { startTestServer } from "../../testing/test-server.ts";

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

/** Sends bytes and reads until the server closes the connection. */
async function exchange(url: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connectSocket(Number(port), hostname);
  socket.setEncoding("latin1").write(bytes);
  return text(socket);
}

async function overHttp2(url: string, headers: Record<string, string>): Promise<Answer> {
  const session = connect(url, { ca: FIRST_PAIR.cert });
  const stream = session.request(headers);
  const [answered] = (await once(stream, "response")) as [Record<string, unknown>];
  const body = await text(stream);
  session.close();
  return { status: Number(answered[":status"]), headers: answered, body };
}

suite("a stop", () => {
  test("answers GET and HEAD over HTTP/1.1, and refuses everything else", async () => {
    await using server = await startTestServer([]);
    const got = await fetch(`${server.url}/livez`);
    assert.deepEqual([got.status, await got.text()], [200, "ok"]);
    assert.equal(got.headers.get("x-content-type-options"), "nosniff");
    const head = await fetch(`${server.url}/livez`, { method: "HEAD" });
    assert.deepEqual([head.status, head.headers.get("content-length"), await head.text()], [200, "2", ""]);
    for (const method of ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"]) {
      const refused = await fetch(`${server.url}/livez?verbose`, { method });
      assert.deepEqual([refused.status, refused.headers.get("allow")], [405, "GET, HEAD"], method);
      assert.match(await refused.text(), /METHOD_NOT_ALLOWED/);
    }
    assert.equal((await fetch(`${server.url}/livez/`)).status, 404);
    assert.equal((await fetch(`${server.url}/Livez`)).status, 404);
  });

  test("answers over HTTP/2 in the clear and with TLS, beside gRPC", async () => {
    for (const tls of [undefined, FIRST_PAIR]) {
      await using server = await startTestServer([], tls === undefined ? {} : { tls });
      const ready = await overHttp2(server.url, { ":path": "/readyz?verbose" });
      assert.equal(ready.status, 200);
      assert.match(ready.body, /^\[\+\]store ok\n/);
      const head = await overHttp2(server.url, { ":path": "/readyz", ":method": "HEAD" });
      assert.deepEqual([head.status, head.headers["content-length"], head.body], [200, "2", ""]);
      const refused = await overHttp2(server.url, { ":path": "/readyz", ":method": "DELETE" });
      assert.deepEqual([refused.status, refused.headers["allow"]], [405, "GET, HEAD"]);
    }
  });

  test("answers a target in absolute form, and pipelined requests in order", async () => {
    await using server = await startTestServer([]);
    const { host } = new URL(server.url);
    const get = (target: string, more = ""): string =>
      `GET ${target} HTTP/1.1\r\nhost: ${host}\r\n${more}\r\n`;
    const many = Array.from({ length: 100 }, (_, index) =>
      get(index % 2 === 0 ? "/livez" : "/readyz?verbose"),
    );
    const answer = await exchange(
      server.url,
      `${many.join("")}${get(`http://${host}/healthz?exclude=x`, "connection: close\r\n")}`,
    );
    assert.equal(answer.match(/HTTP\/1\.1 200 OK/g)?.length, 101);
    const bodies = answer.match(/\r\n\r\n(?:ok|\[\+\]store)/g)?.map((body) => body.trim());
    assert.deepEqual(bodies, [...many.map((_, index) => (index % 2 === 0 ? "ok" : "[+]store")), "ok"]);
  });
});
