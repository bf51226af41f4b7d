import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { Metadata, type sendUnaryData, Server, ServerCredentials, type ServerUnaryCall } from "@grpc/grpc-js";
import { StatusSchema } from "../../wire/gen/google/rpc/status_pb.ts";
import { createClient, type ClientOptions } from "../index.ts";

/** A gRPC server controlled by tests of this room. */

/** The data of a call. */
export interface Came {
  readonly path: string;
  readonly request: Uint8Array;
  readonly metadata: Metadata;
  readonly call: ServerUnaryCall<Uint8Array, Uint8Array>;
}

/** An answer: bytes, an error, or none at all. */
type Answer = Uint8Array | Refusal | undefined;

interface Refusal {
  readonly code: number;
  readonly details: string;
  readonly metadata: Metadata;
}

const METHODS = [
  ["google.longrunning.Operations", "GetOperation"],
  ["google.longrunning.Operations", "ListOperations"],
  ["google.longrunning.Operations", "CancelOperation"],
  ["google.longrunning.Operations", "DeleteOperation"],
  ["google.longrunning.Operations", "WaitOperation"],
  ["longrunning.v1.Methods", "StartOperation"],
  ["longrunning.v1.Workers", "ClaimOperations"],
  ["longrunning.v1.Workers", "RenewAttempts"],
  ["longrunning.v1.Workers", "CompleteAttempts"],
  ["longrunning.v1.Workers", "FailAttempts"],
  ["longrunning.v1.Workers", "ReleaseAttempts"],
] as const;

/** Serves on a free port of 127.0.0.1, and returns a client for it. */
export async function scripted(answer: (came: Came) => Answer, options: ClientOptions = {}) {
  const server = new Server();
  for (const [service, name] of METHODS) {
    const path = `/${service}/${name}`;
    server.register(
      path,
      (call: ServerUnaryCall<Uint8Array, Uint8Array>, callback: sendUnaryData<Uint8Array>) => {
        const given = answer({ path, request: call.request, metadata: call.metadata, call });
        if (given instanceof Uint8Array) callback(null, given);
        else if (given !== undefined) callback(given);
      },
      (bytes: Uint8Array) => Buffer.from(bytes),
      (bytes: Buffer) => bytes,
      "unary",
    );
  }
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  const url = `grpc://127.0.0.1:${port}`;
  const client = createClient(url, options);
  return {
    url,
    client,
    [Symbol.dispose]: () => {
      client.close();
      server.forceShutdown();
    },
  };
}

/** An error in the form of services with details. */
export function failure(status: MessageInitShape<typeof StatusSchema> & { readonly code: number }): Refusal {
  const metadata = new Metadata();
  const bytes = toBinary(StatusSchema, create(StatusSchema, status));
  metadata.set("grpc-status-details-bin", Buffer.from(bytes));
  return { code: status.code, details: status.message ?? "", metadata };
}
