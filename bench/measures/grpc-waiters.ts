import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import {
  OperationSchema,
  WaitOperationRequestSchema,
} from "../../src/wire/gen/google/longrunning/operations_pb.ts";
import { GrpcConnection } from "../load/grpc-connection.ts";
import { call, type Measure, median, startOperation, startServer } from "../measure.ts";
import { type Child, startBareGrpc } from "../processes/child.ts";
import { settled } from "./waiters.ts";

const CALLS_PER_CONNECTION = 100;

export const grpcWaiters: Measure = {
  name: "grpc-waiters",
  title:
    "Callers of WaitOperation over gRPC at the same time: memory of each, and the time to answer all of them",
  async run(setting) {
    const count = setting.size.waiters;
    const [ours, bare, woken, cpu]: [number[], number[], number[], number[]] = [[], [], [], []];
    for (let run = 0; run < setting.size.runs; run++) {
      await using server = await startServer(setting);
      const path = await startOperation(server.url, "hold", {});
      await using waiting = await wait(server, path, count);
      ours.push(waiting.bytesEach);
      const before = await server.ask("cpu");
      woken.push(await waiting.wake());
      cpu.push(((await server.ask("cpu")).cpuMicroseconds - before.cpuMicroseconds) / 1_000);
      await using twin = await startBareGrpc(Buffer.of());
      await using idle = await wait(twin, path, count);
      bare.push(idle.bytesEach);
    }
    return {
      figures: {
        waiters: count,
        connections: count / CALLS_PER_CONNECTION,
        "bytes/waiter": median(ours),
        "bytes/unanswered call of bare @grpc/grpc-js": median(bare),
        "ms to wake all": median(woken),
        "CPU ms of the server for it": median(cpu),
      },
      checks: [],
      notes: [
        "Resident memory after a garbage collection that returns unused pages, including the share of the connection. The callers are one process; the time that it needs to read the answers is included.",
      ],
    };
  },
};

interface Waiting extends AsyncDisposable {
  readonly bytesEach: number;
  /** @returns milliseconds from the cancellation to the last caller's answer */
  wake(): Promise<number>;
}

async function wait(server: Child, path: string, count: number): Promise<Waiting> {
  const request = waitRequest(path);
  const first = await GrpcConnection.open(server.url);
  const warm = startCalls([first], request);
  await settled(server);
  first.close();
  await Promise.allSettled(warm);
  const before = await server.ask("memory");
  const connections = await Promise.all(
    Array.from({ length: count / CALLS_PER_CONNECTION }, () => GrpcConnection.open(server.url)),
  );
  const answers = startCalls(connections, request);
  await settled(server);
  const after = await server.ask("memory");
  const ended = Promise.allSettled(answers);
  return {
    bytesEach: (after.residentBytes - before.residentBytes) / count,
    wake: () => wake(server, path, answers),
    async [Symbol.asyncDispose]() {
      for (const connection of connections) connection.close();
      await ended;
    },
  };
}

function startCalls(connections: readonly GrpcConnection[], request: Buffer): readonly Promise<Buffer>[] {
  return connections.flatMap((connection) =>
    Array.from({ length: CALLS_PER_CONNECTION }, () => connection.call("WaitOperation", request)),
  );
}

async function wake({ url }: Child, path: string, answers: readonly Promise<Buffer>[]): Promise<number> {
  const began = performance.now();
  await call(url, `${path}:cancel`, {});
  const all = await Promise.all(answers);
  const elapsedMs = performance.now() - began;
  if (!all.every((bytes) => fromBinary(OperationSchema, bytes).done))
    throw new Error("Some were let go early");
  return elapsedMs;
}

function waitRequest(path: string): Buffer {
  const message = create(WaitOperationRequestSchema, {
    name: path.replace(/^\/v1\//, ""),
    timeout: durationFromMs(60_000),
  });
  return Buffer.from(toBinary(WaitOperationRequestSchema, message));
}
