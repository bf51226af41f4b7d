import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { type ClientReadableStream, Metadata, type ServiceError } from "@grpc/grpc-js";
import { type Operation, OperationSchema } from "../../wire/gen/google/longrunning/operations_pb.ts";
import { WatchOperationRequestSchema } from "../../wire/gen/longrunning/v1/watches_pb.ts";
import type { GrpcTest } from "./grpc-server.suite.ts";

/** A stream of operations in progress. */
export interface Stream {
  readonly operations: readonly Operation[];
  readonly call: ClientReadableStream<Buffer>;
  /** The error at its end; undefined for OK. */
  readonly ended: Promise<ServiceError | undefined>;
  until(count: number): Promise<void>;
}

/** Starts a watch. */
export function watch(
  test: Pick<GrpcTest, "client">,
  request: Uint8Array,
  metadata = new Metadata(),
): Stream {
  const call = test.client.client.makeServerStreamRequest(
    "/longrunning.v1.Watches/WatchOperation",
    (bytes: Uint8Array) => Buffer.from(bytes),
    (bytes: Buffer) => bytes,
    request,
    metadata,
  );
  const operations: Operation[] = [];
  let heard = Promise.withResolvers<void>();
  call.on("data", (bytes: Buffer) => {
    operations.push(fromBinary(OperationSchema, bytes));
    heard.resolve();
    heard = Promise.withResolvers();
  });
  const ended = new Promise<ServiceError | undefined>((resolve) => {
    call.on("error", (error) => resolve(error as ServiceError));
    call.on("end", () => resolve(undefined));
  });
  return {
    operations,
    call,
    ended,
    until: async (count) => {
      while (operations.length < count) await heard.promise;
    },
  };
}

/** The request for the operation with a name. */
export function named(name: string): Uint8Array {
  return toBinary(WatchOperationRequestSchema, create(WatchOperationRequestSchema, { name }));
}
