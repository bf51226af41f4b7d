import { once } from "node:events";
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from "node:http2";
import { connect as connectSocket, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { settled } from "../../testing/manual-clock.ts";

/** The headers of a request or an answer. */
export type Headers = Record<string, string | number>;

/** Opens a session that ignores errors. */
export function dial(url: string): ClientHttp2Session {
  const session = connect(url);
  session.on("error", () => {});
  return session;
}

/** Sends a request over a session, without its body. */
export function ask(session: ClientHttp2Session, headers: Headers): ClientHttp2Stream {
  const stream = session.request(headers, { endStream: false });
  stream.on("error", () => {});
  return stream;
}

/** The whole answer. */
export async function answerTo(
  stream: ClientHttp2Stream,
): Promise<{ readonly head: Headers; readonly body: string }> {
  const [head] = (await once(stream, "response")) as [Headers];
  return { head, body: await text(stream) };
}

/** Resolves when the condition holds. */
export async function seen(what: () => boolean): Promise<void> {
  while (!what()) await settled();
}

const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0", "latin1");

/** A connection that sends the preface of HTTP/2 and then whatever the test writes. */
export async function speak(port: number): Promise<Socket> {
  const socket = connectSocket(port, "127.0.0.1");
  socket.on("error", () => {});
  await once(socket, "connect");
  socket.write(PREFACE);
  await once(socket, "data");
  return socket.resume();
}
