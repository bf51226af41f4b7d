import {
  create,
  type DescMessage,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import { Client, credentials, type ServiceError } from "@grpc/grpc-js";
import { z } from "zod";
import type { ServeOptions } from "../../../src/assembly/options.ts";
import { remote } from "../../../src/core/method/remote.ts";
import { defineMethod, type Method } from "../../../src/core/method/method.ts";
import { startTestServer, type TestServer } from "../../../src/testing/test-server.ts";
import type { Workers } from "../../../src/wire/gen/longrunning/v1/workers_pb.ts";
import { Workers as WorkersService } from "../../../src/wire/gen/longrunning/v1/workers_pb.ts";

/** Operations run only by workers of the tests. */
export const pack = defineMethod({
  name: "pack",
  request: z.object({ text: z.string() }),
  response: z.object({ size: z.number() }),
  metadata: z.object({ percent: z.number() }),
  retry: { attempts: 3, initialDelay: "1ms", maxDelay: "1ms" },
  run: remote(),
});

type Rpcs = typeof Workers.method;

/** A server, and workers that call it over sockets. */
export interface WorkerServer extends TestServer {
  /** Sends JSON, and returns the status and the JSON of the answer. */
  post(path: string, body: unknown): Promise<{ readonly status: number; readonly body: Answered }>;
  /** Claims over REST. */
  claim(body?: object): Promise<readonly ClaimJson[]>;
  /** Calls over gRPC, all over one connection. */
  call<Name extends keyof Rpcs>(
    name: Name,
    request: MessageInitShape<Rpcs[Name]["input"]>,
    signal?: AbortSignal,
  ): Promise<MessageShape<Rpcs[Name]["output"]>>;
}

/** The parts of answers that tests check. */
export interface Answered {
  readonly done?: boolean;
  readonly state?: string;
  readonly held?: boolean;
  readonly lease?: string;
  readonly cancelRequested?: boolean;
  readonly claims?: readonly ClaimJson[];
  readonly answers?: readonly { readonly state?: string; readonly error?: { readonly code: number } }[];
  readonly error?: {
    readonly status: string;
    readonly details: readonly { readonly reason?: string }[];
  };
}

export interface ClaimJson {
  readonly attempt: { readonly name: string; readonly attempt: number; readonly token: string };
  readonly method: string;
  readonly request?: Readonly<Record<string, unknown>>;
  readonly requestAny?: Readonly<Record<string, unknown>>;
  readonly lease: string;
  readonly cancelRequested: boolean;
  readonly failedAttempts: number;
  readonly metadata?: unknown;
}

/** Opens one. */
export async function openWorkerServer(
  methods: readonly Method[] = [pack],
  options: Partial<ServeOptions> = {},
): Promise<WorkerServer> {
  const server = await startTestServer(methods, options);
  const client = new Client(new URL(server.url).host, credentials.createInsecure());
  const post: WorkerServer["post"] = async (path, body) => {
    const response = await fetch(`${server.url}/v1/${path}`, { method: "POST", body: JSON.stringify(body) });
    return { status: response.status, body: (await response.json()) as Answered };
  };
  return {
    ...server,
    post,
    claim: async (body = {}) => {
      const asked = { methods: ["pack"], worker: "w", limit: 1_000, ...body };
      return (await post("operations:claim", asked)).body.claims ?? [];
    },
    call: (name, request, signal) => unary(client, name, request, signal) as never,
    [Symbol.asyncDispose]: async () => {
      client.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

function unary(
  client: Client,
  name: keyof Rpcs,
  request: object,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  const rpc = WorkersService.method[name];
  const [input, output]: readonly DescMessage[] = [rpc.input, rpc.output];
  return new Promise((resolve, reject) => {
    if (input === undefined || output === undefined) return;
    const bytes = Buffer.from(toBinary(input, create(input, request as never)));
    const call = client.makeUnaryRequest(
      `/${rpc.parent.typeName}/${rpc.name}`,
      (message: Buffer) => message,
      (message: Buffer) => message,
      bytes,
      (error: ServiceError | null, answer) =>
        error === null && answer !== undefined ? resolve(fromBinary(output, answer)) : reject(error as Error),
    );
    signal?.addEventListener("abort", () => call.cancel());
  });
}
