import { type DescFile, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import type { Server, ServerDuplexStream, ServiceDefinition } from "@grpc/grpc-js";
import { CODES } from "../../core/error/code.ts";
import { kept } from "../../core/kept.ts";
import { bytesDefinition } from "./service-shapes.ts";

/**
 * gRPC server reflection, v1 and v1alpha, for grpcurl, grpcui and Postman.
 *
 * The implementing package takes longer to load than all the rest of a call, and most servers are
 * never asked. So the service handles bytes, and loads the implementation at the first request.
 *
 * @see contract section 7
 */

const METHOD = "ServerReflectionInfo";
const SERVICES = ["grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection"];

type BytesStream = ServerDuplexStream<Buffer, Buffer>;
/** The part of a call that identifies its caller. */
export type DiscoveryStream = Pick<BytesStream, "metadata" | "getPath">;
/** The part of a stream that the implementation uses. */
interface ReflectionStream {
  on(event: string, listener: (message: unknown) => void): void;
  write(message: unknown): void;
  end(): void;
}
/** Answers one stream. */
type Reflect = (stream: BytesStream) => void;

/**
 * Adds reflection for services.
 *
 * @param services the full names of the served services: a file may contain more
 * @param files the files of the services, and all files that they import
 * @param admit rejects with the status for a caller that may not discover the services
 */
export function addReflection(
  server: Pick<Server, "addService">,
  services: readonly string[],
  files: Iterable<DescFile>,
  admit: (stream: DiscoveryStream) => Promise<void>,
): void {
  const loaded = kept(() => load(services, files));
  for (const [index, service] of SERVICES.entries()) {
    const streams = { request: true, response: true };
    const definition: ServiceDefinition = { [METHOD]: bytesDefinition(`/${service}/${METHOD}`, streams) };
    const answer = (stream: BytesStream): void => {
      admit(stream)
        .then(loaded)
        .then(
          (reflects) => reflects[index]?.(stream),
          (error: unknown) => stream.emit("error", error),
        );
    };
    server.addService(definition, { [METHOD]: answer });
  }
}

/** The implementation of each of {@link SERVICES}. */
async function load(services: readonly string[], files: Iterable<DescFile>): Promise<readonly Reflect[]> {
  const { ReflectionService } = await import("@grpc/reflection");
  const found: Reflect[] = [];
  const addService: Server["addService"] = (definition, implementation) => {
    const method = definition[METHOD];
    const answer = implementation[METHOD] as unknown as ((stream: ReflectionStream) => void) | undefined;
    if (method === undefined || answer === undefined) throw new TypeError("Reflection has another shape");
    found.push((stream) => answer(typedStream(stream, method)));
  };
  new ReflectionService(packageOf(files), { services: [...services] }).addToServer({ addService });
  return found;
}

/** Wraps a stream of bytes as a stream of messages. */
function typedStream(stream: BytesStream, method: ServiceDefinition[string]): ReflectionStream {
  const read = (listener: (message: unknown) => void, bytes: Buffer): void => {
    let message: unknown;
    try {
      message = method?.requestDeserialize(bytes);
    } catch {
      const details = "The request's bytes are not a ServerReflectionRequest.";
      stream.emit("error", { code: CODES.INVALID_ARGUMENT, details });
      return;
    }
    listener(message);
  };
  return {
    on: (event, listener) =>
      void stream.on(event, event === "data" ? (bytes: Buffer) => read(listener, bytes) : listener),
    write: (message) => {
      if (stream.write(method?.responseSerialize(message))) return;
      // If a caller does not read the answers, its next questions are not read.
      stream.pause();
      stream.once("drain", () => stream.resume());
    },
    end: () => void stream.end(),
  };
}

/** The files in the form that the package expects, which is the output of `@grpc/proto-loader`. */
function packageOf(
  files: Iterable<DescFile>,
): ConstructorParameters<typeof import("@grpc/reflection").ReflectionService>[0] {
  const fileDescriptorProtos = Array.from(files, ({ proto }) =>
    Buffer.from(toBinary(FileDescriptorProtoSchema, proto)),
  );
  return {
    files: { format: "Protocol Buffer 3 DescriptorProto", type: {}, fileDescriptorProtos },
  };
}
