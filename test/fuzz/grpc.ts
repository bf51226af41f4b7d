import { type ClientHttp2Session, connect as connectHttp2, type OutgoingHttpHeaders } from "node:http2";
import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import { fromBinary } from "@bufbuild/protobuf";
import { StatusSchema } from "../../src/wire/gen/google/rpc/status_pb.ts";
import { Dice } from "./dice.ts";

/**
 * Attacks the gRPC half of a port: calls with hostile metadata and bodies over valid HTTP/2, and
 * broken HTTP/2. Each case has its own random numbers, derived from the seed and its number.
 */

/** The target, and the size of the attack. */
export interface GrpcFuzzOptions {
  readonly port: number;
  readonly seed: number;
  readonly cases: number;
  /** Names of existing operations. */
  readonly names: readonly string[];
  /** The number of the first case. @default 0 */
  readonly from?: number;
}

/** The result of the attack. */
export interface GrpcFuzzReport {
  /** The number of answers of each status; `none` counts calls that were given up. */
  readonly counts: ReadonlyMap<string, number>;
  /** Violations, with the numbers of their cases. */
  readonly problems: readonly string[];
}

const OPERATIONS = "/google.longrunning.Operations/";
/** Methods whose calls have no end of their own: a deadline ends them, or the fuzzer gives up. */
const STREAMS = ["WatchOperation", "WatchOperations"].map((method) => `/longrunning.v1.Watches/${method}`);
const PATHS = [
  ...["Get", "Delete", "Cancel", "Wait"].map((verb) => `${OPERATIONS}${verb}Operation`),
  `${OPERATIONS}ListOperations`,
  "/longrunning.v1.Methods/StartOperation",
  ...["ClaimOperations", "RenewAttempts", "CompleteAttempts", "FailAttempts", "ReleaseAttempts"].map(
    (method) => `/longrunning.v1.Workers/${method}`,
  ),
  "/grpc.health.v1.Health/Check",
  "/grpc.health.v1.Health/Watch",
  "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
  ...STREAMS,
];
const BROKEN_SHARE = 0.15;
const LANES = 8;
/** The time for an answer. Some calls wait and some never end; those are given up. */
const PATIENCE_MS = 500;

/** Sends cases from number `from` on. */
export async function fuzzGrpc(options: GrpcFuzzOptions): Promise<GrpcFuzzReport> {
  const { port, seed, cases, from = 0 } = options;
  const counts = new Map<string, number>();
  const problems: string[] = [];
  let next = from;
  const lane = async (): Promise<void> => {
    let session = openSession(port);
    for (let index = next++; index < from + cases; index = next++) {
      const dice = new Dice(seed * 1_000_003 + index);
      if (session.destroyed || session.closed) session = openSession(port);
      const outcome = dice.chance(BROKEN_SHARE)
        ? await brokenConnection(dice, port)
        : await hostileCall(dice, session, options.names);
      counts.set(outcome.status, (counts.get(outcome.status) ?? 0) + 1);
      if (outcome.problem !== undefined && problems.length < 10)
        problems.push(`case ${index}: ${outcome.problem}`);
    }
    session.destroy();
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return { counts, problems };
}

/** The result of a case. */
export interface Outcome {
  readonly status: string;
  readonly problem?: string | undefined;
}

export function openSession(port: number): ClientHttp2Session {
  const session = connectHttp2(`http://127.0.0.1:${port}`);
  session.on("error", () => {});
  return session;
}

/** One call over an intact connection. */
function hostileCall(dice: Dice, session: ClientHttp2Session, names: readonly string[]): Promise<Outcome> {
  const headers = hostileHeaders(dice);
  const { body, whole } = hostileBody(dice, names);
  return new Promise((resolve) => {
    let stream;
    try {
      stream = session.request(headers);
    } catch {
      // The client itself refuses to send that, or the session has just ended.
      resolve({ status: "unsent" });
      return;
    }
    const giveUp = setTimeout(() => {
      stream.close(8);
      done({ status: "none" });
    }, PATIENCE_MS);
    const seen: Record<string, string | undefined> = {};
    const done = (outcome: Outcome): void => {
      clearTimeout(giveUp);
      resolve(outcome);
    };
    const note = (answer: object): void => {
      for (const [key, value] of Object.entries(answer)) seen[key] = String(value);
    };
    stream.on("response", note);
    stream.on("trailers", note);
    stream.on("error", () => {});
    stream.on("data", () => {});
    stream.on("close", () => done(judged(seen, whole && headers["grpc-encoding"] === undefined)));
    const end = dice.below(100);
    if (end < 3) stream.close(dice.pick([0, 1, 2, 8]));
    else if (end < 6) stream.write(body);
    else stream.end(body);
  });
}

/**
 * @param plain whether the frames were whole and uncompressed: then only our code can refuse the
 *   request, not the library
 */
export function judged(seen: Readonly<Record<string, string | undefined>>, plain: boolean): Outcome {
  const status = seen["grpc-status"] ?? (seen[":status"] === undefined ? "reset" : `http ${seen[":status"]}`);
  if (!/^(?:\d|1[0-6])$/.test(status)) return { status };
  const ownFault = status === "13" || status === "2";
  // grpc-js answers INTERNAL if it cannot decompress the bytes.
  if (ownFault && plain) return { status, problem: `status ${status}: ${seen["grpc-message"]}` };
  const details = seen["grpc-status-details-bin"];
  if (details === undefined) return { status };
  const told = fromBinary(StatusSchema, Buffer.from(details, "base64"));
  const message = decodeURI(seen["grpc-message"] ?? "");
  const same = String(told.code) === status && told.message === message;
  return same
    ? { status }
    : { status, problem: `the details are of ${told.code} ${told.message}, not ${message}` };
}

function hostileHeaders(dice: Dice): OutgoingHttpHeaders {
  const path = dice.pick(PATHS);
  const headers: OutgoingHttpHeaders = {
    ":method": dice.chance(0.95) ? "POST" : dice.pick(["GET", "PUT", "CONNECT", "OPTIONS"]),
    ":path": dice.chance(0.9) ? path : `${path}${dice.word(40)}`,
    "content-type": dice.chance(0.93)
      ? "application/grpc"
      : dice.pick(["application/json", "", "application/grpc-web"]),
    te: "trailers",
  };
  if (STREAMS.includes(path) && dice.chance(0.9)) headers["grpc-timeout"] = dice.pick(["20m", "50m", "100m"]);
  else if (dice.chance(0.2)) {
    headers["grpc-timeout"] = dice.pick([
      "1m",
      "0S",
      "99999999H",
      "-1S",
      "5",
      "1n",
      "100000u",
      dice.word(8),
      "200m",
    ]);
  }
  if (dice.chance(0.1))
    headers["grpc-encoding"] = dice.pick(["gzip", "deflate", "identity", "br", dice.word(5)]);
  for (const _ of dice.some(3, () => 0))
    headers[`x-${dice.below(5)}${dice.pick(["", "-bin"])}`] = dice.word(200);
  if (dice.chance(0.05)) headers["x-large"] = "a".repeat(dice.below(40_000));
  return headers;
}

/** A message in its frame, where either may be invalid. */
function hostileBody(
  dice: Dice,
  names: readonly string[],
): { readonly body: Buffer; readonly whole: boolean } {
  let message: Buffer = hostileMessage(dice, names);
  const compressed = dice.chance(0.05);
  if (compressed && dice.chance(0.7)) message = gzipSync(message);
  const frame = Buffer.alloc(5);
  frame.writeUInt8(compressed ? 1 : 0);
  frame.writeUInt32BE(message.length, 1);
  let body: Buffer = Buffer.concat([frame, message]);
  if (dice.chance(0.8)) return { body, whole: !compressed };
  if (dice.chance(0.3)) body = Buffer.concat([body, dice.chance(0.5) ? body : dice.bytes(dice.below(20))]);
  else if (dice.chance(0.5)) body = body.subarray(0, dice.below(body.length + 1));
  else body = flipped(dice, body);
  return { body, whole: false };
}

function hostileMessage(dice: Dice, names: readonly string[]): Buffer {
  const name = dice.oneOf([
    () => dice.pick(names),
    () => dice.word(300),
    () => dice.bytes(dice.below(60)).toString("latin1"),
    () => `operations/${dice.word(50)}`,
    () => "\ud83d".repeat(3),
  ]);
  const fields = dice.some(4, () => {
    const bytes = dice.chance(0.7) ? Buffer.from(name) : dice.bytes(dice.below(30));
    const field = dice.below(8);
    return dice.chance(0.7)
      ? Buffer.concat([varint(field * 8 + 2), varint(bytes.length), bytes])
      : Buffer.concat([varint(field * 8 + dice.below(8)), varint(dice.below(2 ** dice.below(31)))]);
  });
  const message = Buffer.concat(fields);
  if (dice.chance(0.02)) return Buffer.alloc(dice.below(200_000), dice.below(256));
  return dice.chance(0.3) ? flipped(dice, message) : message;
}

export function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (; value > 0x7f; value = Math.floor(value / 128)) bytes.push((value % 128) + 128);
  return Buffer.from([...bytes, value]);
}

function flipped(dice: Dice, bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  for (const _ of dice.some(4, () => 0)) if (copy.length > 0) copy[dice.below(copy.length)] = dice.below(256);
  return copy;
}

const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");

/** A new connection with data that is not HTTP/2, or only begins like it. */
function brokenConnection(dice: Dice, port: number): Promise<Outcome> {
  const preface = dice.chance(0.8)
    ? PREFACE
    : flipped(dice, PREFACE.subarray(0, dice.below(PREFACE.length + 1)));
  const frames = dice.some(8, () => http2Frame(dice));
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const giveUp = setTimeout(() => socket.destroy(), 200);
    socket.on("error", () => {});
    socket.on("data", () => {});
    socket.on("close", () => {
      clearTimeout(giveUp);
      resolve({ status: "broken" });
    });
    for (const piece of [preface, ...frames]) socket.write(piece);
    if (dice.chance(0.5)) socket.end();
    else if (dice.chance(0.3)) socket.on("connect", () => socket.resetAndDestroy());
  });
}

function http2Frame(dice: Dice): Buffer {
  const payload = dice.bytes(dice.below(60));
  const header = Buffer.alloc(9);
  const length = dice.chance(0.85) ? payload.length : dice.below(2 ** 24);
  header.writeUIntBE(length, 0, 3);
  header.writeUInt8(dice.chance(0.95) ? dice.below(10) : dice.below(256), 3);
  header.writeUInt8(dice.chance(0.5) ? 0 : dice.below(256), 4);
  header.writeUInt32BE(dice.chance(0.5) ? dice.below(10) : dice.below(2 ** 32), 5);
  return Buffer.concat([header, payload]);
}
