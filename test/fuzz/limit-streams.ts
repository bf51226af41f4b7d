import { connect as connectTcp } from "node:net";
import type { ClientHttp2Session, OutgoingHttpHeaders } from "node:http2";
import { LIMITS } from "../../src/core/limits.ts";
import { ADDRESS_LENGTH } from "../growth/inputs.ts";
import { readAnswers } from "./answers.ts";
import type { Dice } from "./dice.ts";
import { judged, openSession, type Outcome, varint } from "./grpc.ts";
import { filling, nearly } from "./limit-texts.ts";
import { problemOf } from "./verdict.ts";

/** The data for a connection of its own, and the way to send it. */
export interface LimitStreams {
  readonly kind: string;
  send(port: number): Promise<Outcome>;
}

const PATIENCE_MS = 60_000;
const CALLS: readonly number[] = [100, 1_000];

export function limitStreams(dice: Dice, name: string): LimitStreams {
  return dice.oneOf([
    () => pipelined(dice, name),
    () => restStreams(dice, name),
    () => grpcCalls(dice, name),
    () => grpcMessage(dice, name),
    () => grpcMessage(dice, name),
    () => grpcMessage(dice, name),
  ]);
}

function paths(dice: Dice, name: string): string {
  return dice.pick([
    `/v1/${name}`,
    "/v1/operations?pageSize=1000",
    "/v1/operations?filter=metadata.a%3D1",
    "/openapi.json",
    `/v1/operations?pageToken=${"a".repeat(1_000)}`,
  ]);
}

/** Requests one after the other, without waiting for answers. */
function pipelined(dice: Dice, name: string): LimitStreams {
  const path = paths(dice, name);
  const request = `GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n`;
  const count = dice.pick(CALLS);
  const bytes = `${`${request}\r\n`.repeat(count - 1)}${request}connection: close\r\n\r\n`;
  const send = (port: number): Promise<Outcome> =>
    new Promise((resolve) => {
      const chunks: Buffer[] = [];
      const socket = connectTcp(port, "127.0.0.1", () => socket.write(bytes));
      socket.setTimeout(PATIENCE_MS, () => socket.destroy(new Error("Nothing was answered")));
      socket.on("data", (chunk) => chunks.push(chunk));
      socket.on("error", (error) => resolve({ status: "none", problem: error.message }));
      socket.on("close", () => {
        const { answers } = readAnswers(Buffer.concat(chunks), { head: false });
        const problem =
          answers.length === count
            ? problemOf({ head: false }, { answers })
            : `${answers.length} of ${count} answers`;
        resolve({ status: String(answers[0]?.status), problem });
      });
    });
  return { kind: `${count} pipelined of ${path.slice(0, 40)}`, send };
}

function restStreams(dice: Dice, name: string): LimitStreams {
  const path = paths(dice, name);
  const count = dice.pick(CALLS);
  return {
    kind: `${count} streams of ${path.slice(0, 40)}`,
    send: (port) =>
      inSession(port, count, async (session) => {
        const status = (await streamed(session, { ":path": path }, undefined))[":status"] ?? "reset";
        const problem = Number(status) >= 500 ? `status ${status}` : undefined;
        return { status, problem };
      }),
  };
}

const OPERATIONS = "/google.longrunning.Operations/";
const METHODS = "/longrunning.v1.Methods/";
const WORKERS = "/longrunning.v1.Workers/";
const MIRROR = "/test.v1.Mirror/Look";
const GRPC = { ":method": "POST", "content-type": "application/grpc", te: "trailers" };

function grpcCalls(dice: Dice, name: string): LimitStreams {
  const count = dice.pick(CALLS);
  const [path, message] = dice.pick<readonly [string, Buffer]>([
    [`${OPERATIONS}GetOperation`, field(1, Buffer.from(name))],
    [`${OPERATIONS}ListOperations`, Buffer.from([0x10, ...varint(1_000)])],
    [`${METHODS}StartOperation`, field(1, Buffer.from("echo"))],
    [`${OPERATIONS}WaitOperation`, field(1, Buffer.from(name))],
  ]);
  return {
    kind: `${count} calls of ${path}`,
    send: (port) => inSession(port, count, (session) => grpcCall(session, { ":path": path }, message)),
  };
}

/** Four mebibytes that repeat one field, which is parsed each time. */
function grpcMessage(dice: Dice, name: string): LimitStreams {
  const size = nearly(dice, LIMITS.grpcReceiveBytesMax - 100);
  const path = dice.pick(
    [
      ["GetOperation", "ListOperations", "WaitOperation"].map((verb) => OPERATIONS + verb),
      [`${METHODS}StartOperation`, `${METHODS}StartOperations`, `${METHODS}StartOperations`],
      ["ClaimOperations", "CompleteAttempts", "FailAttempts"].map((verb) => WORKERS + verb),
      [MIRROR, MIRROR, MIRROR],
    ].flat(),
  );
  const number = dice.pick([1, 1, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 13, 13, 14, 99]);
  const inner = dice.oneOf([
    () => Buffer.alloc(0),
    () => Buffer.from("a"),
    () => Buffer.from(name),
    () => field(1, Buffer.from("echo")),
    () => field(1, Buffer.concat([field(1, Buffer.from("a")), field(2, Buffer.from([0x20, 1]))])),
    () => Buffer.concat([field(1, Buffer.from("echo")), field(3, Buffer.alloc(0))]),
    () => Buffer.from(filling(dice, 30)),
  ]);
  const [kind, message] = dice.oneOf<readonly [string, Buffer]>([
    () => ["repeated", repeated(field(number, inner), size)],
    () => ["repeated in a field", field(number, repeated(field(dice.pick([1, 2, 3, 13]), inner), size))],
    () => ["a long field", field(number, Buffer.from(filling(dice, size)).subarray(0, size))],
    () => ["packed", field(4, Buffer.alloc(size, 1))],
    () => ["numbers", repeated(Buffer.concat([varint(number * 8), varint(1)]), size)],
    () => ["nested", nested(dice.pick([90, 100, 1_000]), number, repeated(field(13, inner), size / 2))],
    () => [
      "a start",
      Buffer.concat([field(1, Buffer.from("echo")), field(3, repeated(structEntry(inner), size))]),
    ],
  ]);
  const headers = dice.chance(0.1) ? { "x-a": "a".repeat(ADDRESS_LENGTH) } : {};
  return {
    kind: `${kind} of field ${number} (${inner.length} bytes) to ${path}, ${message.length} bytes`,
    send: (port) =>
      inSession(port, 1, (session) => grpcCall(session, { ":path": path, ...headers }, message)),
  };
}

function structEntry(value: Buffer): Buffer {
  return field(1, Buffer.concat([field(1, Buffer.from("a")), field(2, field(3, value))]));
}

function field(number: number, content: Buffer): Buffer {
  return Buffer.concat([varint(number * 8 + 2), varint(content.length), content]);
}

function repeated(unit: Buffer, size: number): Buffer {
  const count = Math.floor(size / unit.length);
  return Buffer.alloc(count * unit.length, unit);
}

function nested(depth: number, number: number, content: Buffer): Buffer {
  let message = content;
  for (let level = 0; level < depth; level++) message = field(number, message);
  return message;
}

/**
 * Sends all of them at once over one connection. Returns the first outcome, and the first problem.
 */
async function inSession(
  port: number,
  count: number,
  call: (session: ClientHttp2Session) => Promise<Outcome>,
): Promise<Outcome> {
  const session = openSession(port);
  session.setMaxListeners(0);
  const outcomes = await Promise.all(Array.from({ length: count }, () => call(session)));
  session.destroy();
  return outcomes.find(({ problem }) => problem !== undefined) ?? outcomes[0] ?? { status: "none" };
}

async function grpcCall(
  session: ClientHttp2Session,
  headers: OutgoingHttpHeaders,
  message: Buffer,
): Promise<Outcome> {
  const frame = Buffer.alloc(5);
  frame.writeUInt32BE(message.length, 1);
  const seen = await streamed(session, { ...GRPC, ...headers }, Buffer.concat([frame, message]));
  const outcome = judged(seen, true);
  // The response repeats the request, so it may be too large: then the method fails.
  return headers[":path"] === MIRROR ? { status: outcome.status } : outcome;
}

/** One stream: the headers and trailers of the answer. */
function streamed(
  session: ClientHttp2Session,
  headers: OutgoingHttpHeaders,
  content: Buffer | undefined,
): Promise<Readonly<Record<string, string>>> {
  return new Promise((resolve) => {
    const seen: Record<string, string> = {};
    const note = (answer: object): void => {
      for (const [key, value] of Object.entries(answer)) seen[key] = String(value);
    };
    const stream = session.request(headers);
    stream.setTimeout(PATIENCE_MS, () => stream.close(8));
    stream
      .on("response", note)
      .on("trailers", note)
      .on("error", () => {})
      .on("close", () => resolve(seen));
    stream.resume();
    stream.end(content);
  });
}
