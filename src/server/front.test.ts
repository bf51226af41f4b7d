import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { connect } from "node:net";
import { once } from "node:events";
import { suite, test } from "node:test";
import { LIMITS } from "../core/limits.ts";
import { ManualClock } from "../testing/manual-clock.ts";
import { type Exchange, front, guarded, type HttpListener } from "./front.ts";
import { AllowedHosts } from "./listening/host.ts";
import { Shares } from "./sharing/shares.ts";

const hello: HttpListener = (_, response) => void response.end("hello");

/**
 * Sends bytes to a server that passes its requests to the listener. @returns everything it answered
 */
async function answersOf(listener: HttpListener, ...requests: readonly string[]): Promise<readonly string[]> {
  const server = createServer({ requireHostHeader: false }, listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  const answers: string[] = [];
  for (const text of requests) {
    const socket = connect((server.address() as { port: number }).port, "127.0.0.1");
    socket.setEncoding("latin1").write(text);
    let answer = "";
    for await (const chunk of socket) answer += chunk;
    answers.push(answer);
  }
  server.close();
  return answers;
}

const get = (host: string): string => `GET / HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`;
const statusOf = (answer: string): string => answer.slice("HTTP/1.1 ".length).slice(0, 3);

suite("guarded()", () => {
  test("answers for allowed hosts, and refuses others", async () => {
    const listener = guarded(hello, new AllowedHosts(["a.example"]));
    const answers = await answersOf(
      listener,
      get("a.example"),
      get("localhost:8080"),
      get("evil.example"),
      "GET / HTTP/1.1\r\nhost: a.example\r\nhost: a.example\r\n\r\n",
    );
    assert.deepEqual(answers.map(statusOf), ["200", "200", "403", "400"]);
    assert.match(answers[2] ?? "", /"reason": "HOST_REFUSED"/);
    // The connection is closed after a rejected request.
    assert.match(answers[2] ?? "", /\r\nconnection: close\r\n/i);
  });

  test("refuses a request without a host, and one with too many headers, before other code gets it", async () => {
    const listener = guarded(() => assert.fail(), undefined);
    const lines = "x: y\r\n".repeat(LIMITS.headersMax);
    const answers = await answersOf(
      listener,
      "GET / HTTP/1.1\r\n\r\n",
      `GET / HTTP/1.1\r\nhost: a\r\n${lines}\r\n`,
    );
    assert.deepEqual(answers.map(statusOf), ["400", "431"]);
  });
});

suite("front()", () => {
  test("passes requests to their edge, with one share for each connection", async () => {
    const seen: Exchange[] = [];
    const rest = (exchange: Exchange): void => {
      seen.push(exchange);
      exchange.response.end("rest");
    };
    const two = `GET /one HTTP/1.1\r\nhost: a\r\n\r\n${get("a")}`;
    const [answer = ""] = await answersOf(front({ rest }, new Shares(new ManualClock())), two);
    assert.equal(answer.match(/rest/g)?.length, 2);
    assert.deepEqual(
      seen.map(({ request }) => request.url),
      ["/one", "/"],
    );
    assert.equal(seen[0]?.share, seen[1]?.share);
  });

  test("drops a request of HTTP/2 whose connection is gone", () => {
    const gone = { httpVersionMajor: 2, stream: { session: undefined } } as unknown as IncomingMessage;
    front({ rest: () => assert.fail() }, new Shares(new ManualClock()))(gone, {} as ServerResponse);
  });
});
