import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { fromBinary } from "@bufbuild/protobuf";
import { type FileDescriptorProto, FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { type ServiceError, status } from "@grpc/grpc-js";
import { type GrpcTest, openGrpcTest } from "./grpc-server.suite.ts";
import { packerRpc } from "./packer.suite.ts";

interface Loader {
  loadSync(
    file: string,
    options: object,
  ): Record<
    string,
    Record<string, { requestSerialize(value: object): Buffer; responseDeserialize(bytes: Buffer): Answer }>
  >;
}
interface Answer {
  readonly listServicesResponse?: { readonly service: readonly { readonly name: string }[] };
  readonly fileDescriptorResponse?: { readonly fileDescriptorProto: readonly Uint8Array[] };
  readonly errorResponse?: { readonly errorCode: number };
}

/** The package's own codec. */
const fromReflection = createRequire(createRequire(import.meta.url).resolve("@grpc/reflection"));
const loader = fromReflection("@grpc/proto-loader") as Loader;

function codecOf(version: string) {
  const folder = dirname(fromReflection.resolve("@grpc/reflection/package.json"));
  const proto = join(folder, `build/proto/grpc/reflection/${version}/reflection.proto`);
  const loaded = loader.loadSync(proto, { oneofs: true });
  return (
    loaded[`grpc.reflection.${version}.ServerReflection`]?.["ServerReflectionInfo"] ?? assert.fail(proto)
  );
}

/** Sends messages or bytes over one stream and returns the answers. */
function ask(test: GrpcTest, version: string, requests: readonly (object | Buffer)[]): Promise<Answer[]> {
  const codec = codecOf(version);
  return new Promise((resolve, reject) => {
    const answers: Answer[] = [];
    const stream = test.client.client.makeBidiStreamRequest(
      `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`,
      (request: object | Buffer) => (Buffer.isBuffer(request) ? request : codec.requestSerialize(request)),
      (bytes) => codec.responseDeserialize(bytes),
    );
    stream.on("data", (answer: Answer) => answers.push(answer));
    stream.on("error", reject);
    stream.on("end", () => resolve(answers));
    for (const request of requests) stream.write(request);
    stream.end();
  });
}

const filesOf = (answer: Answer | undefined): FileDescriptorProto[] =>
  (answer?.fileDescriptorResponse?.fileDescriptorProto ?? []).map((bytes) =>
    fromBinary(FileDescriptorProtoSchema, bytes),
  );

describe("reflection", () => {
  for (const version of ["v1", "v1alpha"]) {
    it(`lists the services and their files (${version})`, async () => {
      const greet = packerRpc("Greet", () => Promise.reject(new Error("not called")));
      await using test = await openGrpcTest({ rpcs: [greet] });
      const [services, operations, packer, operation, http, health] = await ask(test, version, [
        { listServices: "*" },
        { fileContainingSymbol: "google.longrunning.Operations" },
        { fileContainingSymbol: "packer.v1.Packer.Greet" },
        { fileContainingSymbol: "google.longrunning.Operation" },
        { fileByFilename: "google/api/annotations.proto" },
        { fileContainingSymbol: "grpc.health.v1.Health" },
      ]);
      const names = services?.listServicesResponse?.service.map(({ name }) => name);
      const own = ["google.longrunning.Operations", "grpc.health.v1.Health", "longrunning.v1.Methods"];
      assert.deepEqual(names?.toSorted(), [
        ...own,
        "longrunning.v1.Watches",
        "longrunning.v1.Workers",
        "packer.v1.Packer",
      ]);
      for (const answer of [operations, packer, operation]) {
        const files = filesOf(answer);
        assert.ok(files.some(({ name }) => name === "google/longrunning/operations.proto"));
        assert.ok(files.some(({ name }) => name === "google/protobuf/any.proto"));
      }
      assert.equal(filesOf(http)[0]?.name, "google/api/annotations.proto");
      assert.equal(filesOf(health)[0]?.package, "grpc.health.v1");
    });
  }

  it("answers an unknown symbol with NOT_FOUND, and broken bytes with INVALID_ARGUMENT", async () => {
    await using test = await openGrpcTest();
    const [unknown] = await ask(test, "v1", [{ fileContainingSymbol: "a.B" }]);
    assert.equal(unknown?.errorResponse?.errorCode, status.NOT_FOUND);
    await assert.rejects(ask(test, "v1", [Buffer.of(0x0a, 0xff)]), (error: ServiceError) => {
      assert.equal(error.code, status.INVALID_ARGUMENT);
      return true;
    });
  });
});
