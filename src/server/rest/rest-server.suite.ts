import { once } from "node:events";
import { request } from "node:http";
import { connect } from "node:http2";
import { buffer as bytes } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import { z } from "zod";
import { defineMethod, type Method } from "../../core/method/method.ts";
import { tellLog } from "../../core/event-log.ts";
import type { LogFields } from "../../core/ports/log.ts";
import { settled } from "../../testing/manual-clock.ts";
import { seededRandom } from "../../testing/seeded-random.ts";
import { openTestEngine, type TestEngine } from "../../testing/test-engine.ts";
import { FIRST_PAIR } from "../listening/certificates.suite.ts";
import { type GrpcStreams, Http2Server } from "../http2/http2-server.ts";
import { listen } from "../listening/listen.ts";
import { anonymously } from "../authenticate.ts";
import { CountedShares, countServer } from "../left-behind.suite.ts";
import { front, guarded } from "../front.ts";
import type { Room } from "../sharing/room.ts";
import { restEdge, type RestOptions } from "./edge.ts";

/** A REST server for one test: a real socket, the real engine, a store in memory, no worker. */
export interface RestServer extends TestEngine, AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** The room for large bodies. */
  readonly bodies: Room;
  /** The room for pages of lists: for one. */
  readonly pages: Room;
  /** The messages of the log. */
  readonly logged: readonly { readonly message: string; readonly fields: LogFields | undefined }[];
  /** Sends a request and parses the JSON of the answer. */
  call(method: string, path: string, options?: CallOptions): Promise<Called>;
  /** Starts an operation and returns its name. */
  start(parent?: string): Promise<string>;
  /** Resolves when so many callers wait. Before, their connections may have timers of their own. */
  untilWaiting(count: number): Promise<void>;
}

export interface CallOptions {
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly headers?: Record<string, string>;
}

/** An answer. `json` is undefined where the body is not JSON. */
export interface Called {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: JsonAnswer | undefined;
}

/** The parts of all bodies that tests look at. */
export interface JsonAnswer {
  readonly name?: string;
  readonly done?: boolean;
  readonly metadata?: { readonly value: Record<string, unknown> };
  readonly response?: unknown;
  readonly operations?: readonly { readonly name: string }[];
  readonly nextPageToken?: string;
  readonly rootUrl?: string;
  readonly error?: {
    readonly code: number;
    readonly message: string;
    readonly status: string;
    readonly errors?: readonly Record<string, string>[];
    readonly details: readonly {
      readonly reason?: string;
      readonly metadata?: Record<string, string>;
      readonly fieldViolations?: readonly { readonly field?: string; readonly description: string }[];
    }[];
  };
}

/** A method that takes a directory. */
const createArchive = defineMethod({
  name: "createArchive",
  request: z.strictObject({ directory: z.string() }),
  response: z.object({ path: z.string() }),
  run: () => ({ path: "a.zip" }),
});

/** The transports of a server: HTTP/1.1, HTTP/2 without TLS, and HTTP/2 with TLS. */
export const TRANSPORTS = ["http1", "h2c", "h2"] as const;

/** One of {@link TRANSPORTS}. */
export type Transport = (typeof TRANSPORTS)[number];

/** Opens one: `await using server = await openRestServer()`. */
export async function openRestServer(
  methods: readonly Method[] = [createArchive],
  options: Partial<RestOptions> = {},
  transport: Transport = "http1",
): Promise<RestServer> {
  const engine = await openTestEngine(methods);
  const logged: { message: string; fields: LogFields | undefined }[] = [];
  const note = (message: string, fields?: LogFields): void => void logged.push({ message, fields });
  const tell = tellLog({ debug: note, info: note, warn: note, error: note });
  const { clock } = engine;
  const random = seededRandom(2);
  const shares = new CountedShares(clock);
  const assertNothingIsLeft = countServer(shares);
  const { operations, workers } = engine.engine;
  const rest = restEdge(operations, {
    name: "archive",
    title: "Archives",
    workers,
    authenticate: anonymously,
    clock,
    random,
    tell,
    ...options,
  });
  const http = guarded(front({ rest }, shares), undefined);
  const http2 = new Http2Server({ http, grpc: NO_GRPC, clock });
  const tls = transport === "h2" ? FIRST_PAIR : undefined;
  const listening = await listen(http, { host: "127.0.0.1", port: 0, tell, clock, http2, tls });
  const url = `${tls === undefined ? "http" : "https"}://127.0.0.1:${listening.port}`;
  const call = (method: string, path: string, sent: CallOptions = {}): Promise<Called> =>
    (transport === "http1" ? send : sendHttp2)(`${url}${path}`, { method, ...sent });
  return {
    ...engine,
    url,
    port: listening.port,
    bodies: shares.bodies,
    pages: shares.pages,
    logged,
    call,
    start: async (parent = "") => {
      const body = '{"directory":"/a"}';
      const started = await call(
        "POST",
        parent === "" ? "/v1:createArchive" : `/v1/${parent}:createArchive`,
        { body },
      );
      return started.json?.name ?? "";
    },
    untilWaiting: async (count) => {
      while (operations.waiting !== count) await settled();
    },
    [Symbol.asyncDispose]: async () => {
      operations.stop();
      await listening.close();
      await engine[Symbol.asyncDispose]();
      await assertNothingIsLeft();
    },
  };
}

/** These tests make no gRPC calls. */
const NO_GRPC: GrpcStreams = { take: (stream) => stream.close(), close: () => {} };

/** Sends a call, and does not wait for its answer. An aborted `fetch` would open another connection. @returns hangs up */
export function callToHangUp(url: string, { body, headers }: CallOptions = {}): () => void {
  const call = request(url, { method: "POST", agent: false, headers: headers ?? {} });
  call.on("error", () => {}).end(body);
  return () => call.destroy();
}

async function send(url: string, options: CallOptions & { readonly method: string }): Promise<Called> {
  const response = await fetch(url, { ...options, headers: { connection: "close", ...options.headers } });
  return calledOf(response.status, response.headers, await response.text());
}

/** Sends a request over its own connection. Compressed bodies are decompressed, as fetch does. */
async function sendHttp2(url: string, options: CallOptions & { readonly method: string }): Promise<Called> {
  const session = connect(url, { rejectUnauthorized: false });
  try {
    const path = url.slice(new URL(url).origin.length);
    const asked = { "accept-encoding": "gzip", ...options.headers };
    const stream = session.request({ ":method": options.method, ":path": path, ...asked });
    const failed = once(session, "error").then(([error]) => Promise.reject(error as Error));
    const [answer] = (await Promise.race([once(stream.end(options.body), "response"), failed])) as [
      Record<string, string>,
    ];
    failed.catch(() => undefined);
    const sent = await bytes(stream);
    const text = (answer["content-encoding"] === "gzip" ? gunzipSync(sent) : sent).toString();
    const headers = new Headers(Object.entries(answer).filter(([name]) => !name.startsWith(":")));
    return calledOf(Number(answer[":status"]), headers, text);
  } finally {
    session.close();
  }
}

function calledOf(status: number, headers: Headers, text: string): Called {
  const isJson = headers.get("content-type")?.startsWith("application/json") === true;
  const json = isJson && text !== "" ? (JSON.parse(text) as JsonAnswer) : undefined;
  return { status, headers, text, json };
}
