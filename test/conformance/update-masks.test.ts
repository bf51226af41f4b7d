import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { create, type DescMessage, type DescMethodUnary, fromBinary, toBinary } from "@bufbuild/protobuf";
import { anyUnpack } from "@bufbuild/protobuf/wkt";
import { type Client as GrpcClient, credentials, makeGenericClientConstructor, status } from "@grpc/grpc-js";
import { defineMethod } from "../../src/proto.ts";
import { type Served, serve } from "../../src/assembly/serve.ts";
import { BadRequestSchema } from "../../src/wire/gen/google/rpc/error_details_pb.ts";
import { StatusSchema } from "../../src/wire/gen/google/rpc/status_pb.ts";
import { descriptorsOf, serviceOf } from "../support/descriptors.ts";

/** The mask of an update is checked before the start, for every kind of start. */
const PROTO = `
  syntax = "proto3";
  package test.v1;
  import "google/api/annotations.proto";
  import "google/longrunning/operations.proto";
  import "google/protobuf/field_mask.proto";
  service Books {
    rpc UpdateBook(UpdateBookRequest) returns (google.longrunning.Operation) {
      option (google.api.http) = { patch: "/v1/{book.name=books/*}" body: "book" };
      option (google.longrunning.operation_info) = { response_type: "Book" metadata_type: "Book" };
    }
  }
  message Book { string name = 1; int32 page_count = 2; map<string, string> labels = 3; }
  message UpdateBookRequest { Book book = 1; google.protobuf.FieldMask update_mask = 2; }`;

const registry = descriptorsOf(PROTO);
const rpc = serviceOf(registry, "test.v1.Books").methods[0] as DescMethodUnary;
const FIELD = "update_mask";
const DESCRIPTION =
  'Invalid path "page_cuont": test.v1.Book has no field "page_cuont" (did you mean "page_count"?)';
const VIOLATIONS = [{ field: FIELD, description: DESCRIPTION }];

interface Shown {
  readonly name?: string;
  readonly error?: {
    readonly code: number;
    readonly details: readonly { readonly fieldViolations?: readonly object[] }[];
  };
}

describe("an unknown path in an update mask makes the start fail", () => {
  let served: Served;
  before(async () => {
    const book = registry.getMessage("test.v1.Book") as DescMessage;
    const methods = [defineMethod(rpc, { response: book, metadata: book, run: () => ({}) })];
    served = await serve({ methods, store: "sqlite::memory:", host: "127.0.0.1", port: 0, drain: "0s" });
  });
  after(() => served.stop());

  const call = async (method: string, path: string, body: object): Promise<Shown> => {
    const headers = { "content-type": "application/json" };
    const response = await fetch(`${served.url}${path}`, { method, body: JSON.stringify(body), headers });
    return (await response.json()) as Shown;
  };
  it("over REST, by the RPC's own address and by the method's name", async () => {
    const book = { name: "books/a" };
    const byQuery = await call("PATCH", "/v1/books/a?updateMask=name,page_cuont", {});
    assert.deepEqual(violationsOf(byQuery), [400, VIOLATIONS]);
    for (const updateMask of ["pageCuont", "page_cuont", "*,pageCuont"]) {
      const byName = await call("POST", "/v1:updateBook", { book, updateMask });
      assert.deepEqual(violationsOf(byName), [400, VIOLATIONS], updateMask);
    }
  });

  it("over gRPC", async () => {
    const bytes = await refusalOverGrpc(served.url, ["page_cuont"]);
    const { code, details } = fromBinary(StatusSchema, bytes);
    assert.equal(code, status.INVALID_ARGUMENT);
    const found = details.map((any) => anyUnpack(any, BadRequestSchema)).find((each) => each !== undefined);
    assert.deepEqual(
      found?.fieldViolations.map(({ field, description }) => ({ field, description })),
      VIOLATIONS,
    );
  });

  it("and nothing else is refused", async () => {
    for (const query of [
      "",
      "?updateMask=",
      "?updateMask=*",
      "?updateMask=pageCount,page_count,labels.Env",
    ]) {
      const { name, error } = await call("PATCH", `/v1/books/a${query}`, { pageCount: 1 });
      assert.equal(error, undefined, query);
      assert.match(name ?? "", /^books\/a\/operations\//);
    }
  });
});

function violationsOf({ error }: Shown): readonly unknown[] {
  const detail = error?.details.find(({ fieldViolations }) => fieldViolations !== undefined);
  return [error?.code, detail?.fieldViolations];
}

function asIs(bytes: Buffer): Buffer {
  return bytes;
}

/** The status of a refused call, from the trailers. */
async function refusalOverGrpc(url: string, paths: readonly string[]): Promise<Uint8Array> {
  const Client = makeGenericClientConstructor({}, "Books");
  const client: GrpcClient = new Client(new URL(url).host, credentials.createInsecure());
  const request = toBinary(
    rpc.input,
    create(rpc.input, { book: { name: "books/a" }, updateMask: { paths } }),
  );
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  client.makeUnaryRequest("/test.v1.Books/UpdateBook", asIs, asIs, Buffer.from(request), (error) => {
    const [bytes] = error?.metadata.get("grpc-status-details-bin") ?? [];
    if (bytes instanceof Uint8Array) resolve(bytes);
    else reject(new Error("the call was not refused", { cause: error }));
  });
  return promise.finally(() => client.close());
}
