import { Client, type ClientUnaryCall, credentials, type MethodDefinition } from "@grpc/grpc-js";
import { create, toBinary } from "@bufbuild/protobuf";
import { GetOperationRequestSchema } from "../../src/wire/gen/google/longrunning/operations_pb.ts";

/** The path prefix of the measured service's methods. */
export const OPERATIONS = "/google.longrunning.Operations";

const CONNECT_MS_MAX = 10_000;
const asIs = (bytes: Buffer): Buffer => bytes;

/**
 * One HTTP/2 connection with any number of calls in progress. It sends and receives bytes without
 * decoding them.
 */
export class GrpcConnection {
  readonly #client: Client;
  readonly #underWay = new Set<ClientUnaryCall>();

  private constructor(client: Client) {
    this.#client = client;
  }

  /** @param url such as `http://127.0.0.1:8080` */
  static open(url: string): Promise<GrpcConnection> {
    // A channel pool of its own; otherwise all clients of the process would share one connection.
    const options = { "grpc.use_local_subchannel_pool": 1, "grpc.enable_channelz": 0 };
    const client = new Client(new URL(url).host, credentials.createInsecure(), options);
    return new Promise((resolve, reject) => {
      client.waitForReady(Date.now() + CONNECT_MS_MAX, (error) =>
        error === undefined ? resolve(new GrpcConnection(client)) : reject(error),
      );
    });
  }

  /** @param method of {@link OPERATIONS}. @throws {ServiceError} */
  call(method: string, request: Buffer): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const path = `${OPERATIONS}/${method}`;
      const made = this.#client.makeUnaryRequest(path, asIs, asIs, request, (error, answer) => {
        this.#underWay.delete(made);
        if (error === null && answer !== undefined) resolve(answer);
        else reject(error ?? new Error(`${method} was answered with nothing`));
      });
      this.#underWay.add(made);
    });
  }

  /** Cancels the calls in progress: closing a client does not end them. */
  close(): void {
    for (const made of this.#underWay) made.cancel();
    this.#client.close();
  }
}

/** A method of the service, without a schema. */
export function bytesMethod(path: string): MethodDefinition<Buffer, Buffer> {
  return {
    path,
    requestStream: false,
    responseStream: false,
    requestSerialize: asIs,
    requestDeserialize: asIs,
    responseSerialize: asIs,
    responseDeserialize: asIs,
  };
}

/** The bytes of a GetOperationRequest. @param path in its REST form, such as `/v1/operations/…` */
export function getRequest(path: string): Buffer {
  const name = path.replace(/^\/v1\//, "");
  return Buffer.from(toBinary(GetOperationRequestSchema, create(GetOperationRequestSchema, { name })));
}
