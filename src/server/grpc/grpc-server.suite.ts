import {
  create,
  type DescMessage,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import {
  type CallOptions,
  Client,
  type ClientUnaryCall,
  credentials,
  Metadata,
  type ServiceError,
} from "@grpc/grpc-js";
import { z } from "zod";
import { ANONYMOUS } from "../../core/caller.ts";
import { StatusError } from "../../core/error/error.ts";
import { tellLog } from "../../core/event-log.ts";
import type { LogFields } from "../../core/ports/log.ts";
import type { DeclaredMethod } from "../../core/method/answered-method.ts";
import { defineMethod, isMethod } from "../../core/method/method.ts";
import type { Operations } from "../../engine/operations.ts";
import { seededRandom } from "../../testing/seeded-random.ts";
import { openTestEngine, type TestEngine, type TestEngineOptions } from "../../testing/test-engine.ts";
import {
  GetOperationRequestSchema,
  type Operation,
  OperationSchema,
} from "../../wire/gen/google/longrunning/operations_pb.ts";
import { type Status, StatusSchema } from "../../wire/gen/google/rpc/status_pb.ts";
import { listen, type Listening } from "../listening/listen.ts";
import { anonymously } from "../authenticate.ts";
import { CountedShares, countServer } from "../left-behind.suite.ts";
import { Entrance } from "../entrance.ts";
import { front, guarded } from "../front.ts";
import type { Room } from "../sharing/room.ts";
import { Health } from "../probes/health.ts";
import { restEdge } from "../rest/edge.ts";
import type { RpcRoutes } from "../rest/rpc-routes.ts";
import type { Rpc } from "../rpc/rpc.ts";
import { Http2Server } from "../http2/http2-server.ts";
import { GrpcDoor } from "./door.ts";
import type { GrpcOptions } from "./handlers.ts";
import { servedShapes } from "./service-shapes.ts";

/** A gRPC server for one test: a real socket and client, the real engine, a store in memory, no worker. */
export interface GrpcTest extends TestEngine, AsyncDisposable {
  readonly listening: Listening;
  readonly health: Health;
  /** The room for large messages. */
  readonly bodies: Room;
  /** The room for pages of lists: for one. */
  readonly pages: Room;
  /** The messages of the log. */
  readonly logged: readonly { readonly message: string; readonly fields: LogFields | undefined }[];
  readonly client: GrpcClient;
  /** Starts an operation and returns its name. */
  start(parent?: string): Promise<string>;
}

/** The path of a call of google.longrunning.Operations. */
export function operationsPath(method: string): string {
  return `/google.longrunning.Operations/${method}`;
}

/** Options of a call. */
export interface BytesCallOptions extends CallOptions {
  readonly metadata?: Metadata;
  /** Called with the call, which can be cancelled. */
  readonly onCall?: (call: ClientUnaryCall) => void;
}

/** A client that sends bytes and messages. */
export class GrpcClient {
  readonly client: Client;

  constructor(port: number, security = credentials.createInsecure()) {
    // The name in the test certificates; ignored without TLS.
    this.client = new Client(`127.0.0.1:${port}`, security, { "grpc.ssl_target_name_override": "localhost" });
  }

  /** Sends bytes and returns the bytes of the answer. Rejects with a ServiceError. */
  bytes(path: string, request: Uint8Array, options: BytesCallOptions = {}): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const call = this.client.makeUnaryRequest(
        path,
        (bytes: Uint8Array) => Buffer.from(bytes),
        (bytes: Buffer) => bytes,
        request,
        options.metadata ?? new Metadata(),
        options,
        (error, answer) =>
          error === null && answer !== undefined ? resolve(answer) : reject(error as Error),
      );
      options.onCall?.(call);
    });
  }

  /** Sends a message of one schema and reads the answer by another. */
  async call<I extends DescMessage, O extends DescMessage>(
    path: string,
    [input, output]: readonly [I, O],
    request: MessageInitShape<I>,
    options: BytesCallOptions = {},
  ): Promise<MessageShape<O>> {
    return fromBinary(output, await this.bytes(path, toBinary(input, create(input, request)), options));
  }

  get(name: string): Promise<Operation> {
    return this.call(operationsPath("GetOperation"), [GetOperationRequestSchema, OperationSchema], { name });
  }

  /** Resolves once it is connected. */
  ready(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.client.waitForReady(Number.POSITIVE_INFINITY, (error) =>
        error === undefined ? resolve() : reject(error),
      );
    });
  }

  close(): void {
    this.client.close();
  }
}

/** The error of a failing call. */
export async function refusal(call: Promise<unknown>): Promise<ServiceError> {
  return call.then(
    () => Promise.reject(new Error("The call did not fail")),
    (error: unknown) => error as ServiceError,
  );
}

/** The status in the trailers of an error. */
export function statusOf(error: ServiceError): Status {
  const [bytes] = error.metadata.get("grpc-status-details-bin");
  return fromBinary(StatusSchema, Buffer.from(bytes ?? ""));
}

const createArchive = defineMethod({
  name: "createArchive",
  request: z.strictObject({ directory: z.string() }),
  response: z.object({ path: z.string() }),
  run: () => ({ path: "a.zip" }),
});

/** No RPCs; the type of functions that make RPCs of methods. */
async function openNoRpcs(
  _methods: readonly DeclaredMethod[],
  _operations: Operations,
): Promise<{ readonly rpcs: readonly Rpc[]; readonly routes: RpcRoutes | undefined }> {
  return { rpcs: [], routes: undefined };
}

/** Opens one: `await using test = await openGrpcTest()`. */
export async function openGrpcTest(
  options: Partial<GrpcOptions> &
    Pick<TestEngineOptions, "policy"> & {
      readonly methods?: readonly DeclaredMethod[];
      /**
       * Makes the RPCs of the methods, for both transports. @default the RPCs of the options, for
       * gRPC
       */
      readonly openRpcs?: typeof openNoRpcs;
    } = {},
): Promise<GrpcTest> {
  const { methods = [createArchive], openRpcs = openNoRpcs } = options;
  const engine = await openTestEngine(
    methods.filter(isMethod),
    options.policy === undefined ? {} : { policy: options.policy },
  );
  const logged: { message: string; fields: LogFields | undefined }[] = [];
  const note = (message: string, fields?: LogFields): void => void logged.push({ message, fields });
  const tell = tellLog({ debug: note, info: note, warn: note, error: note });
  const { operations, workers } = engine.engine;
  const shares = new CountedShares(engine.clock);
  const assertNothingIsLeft = countServer(shares);
  const parts = {
    name: "archive",
    workers,
    shares,
    authenticate: anonymously,
    clock: engine.clock,
    random: seededRandom(2),
    tell,
  };
  const { rpcs, routes } = await openRpcs(methods, operations);
  const rest = restEdge(operations, { ...parts, title: "Archives", rpcs: routes });
  const http = guarded(front({ rest }, shares), undefined);
  const services = servedShapes(rpcs).map(({ typeName }) => typeName);
  const health = new Health(engine.clock);
  const { clock } = engine;
  const starting = new StatusError("UNAVAILABLE", "Starting.");
  const entrance = new Entrance({ health, stops: new Map(), refusal: starting, clock, tell });
  entrance.open(http, new GrpcDoor(operations, { ...parts, rpcs, ...options }));
  health.opened(async () => {}, services);
  const listening = await listen(http, {
    host: "127.0.0.1",
    port: 0,
    tell,
    clock: engine.clock,
    http2: new Http2Server({ http, grpc: entrance, clock }),
  });
  const client = new GrpcClient(listening.port);
  await client.ready();
  return {
    ...engine,
    listening,
    health,
    bodies: shares.bodies,
    pages: shares.pages,
    logged,
    client,
    start: async (parent = "") => {
      const { id } = await operations.start(ANONYMOUS, {
        method: "createArchive",
        request: { directory: "/a" },
        parent,
      });
      return `${parent === "" ? "" : `${parent}/`}operations/${id}`;
    },
    [Symbol.asyncDispose]: async () => {
      operations.stop();
      client.close();
      await listening.close();
      await engine[Symbol.asyncDispose]();
      await assertNothingIsLeft();
    },
  };
}
