import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type DescMethodUnary, fromBinary, toJson } from "@bufbuild/protobuf";
import { anyUnpack } from "@bufbuild/protobuf/wkt";
import { type Client as GrpcClient, credentials, makeGenericClientConstructor } from "@grpc/grpc-js";
import { errorInfo, StatusError } from "../../src/index.ts";
import { defineMethod } from "../../src/proto.ts";
import { type Served, serve } from "../../src/assembly/serve.ts";
import { StatusSchema } from "../../src/wire/gen/google/rpc/status_pb.ts";
import { typesOfFile } from "../../src/protos/method/imported-types.ts";
import { descriptorsOf } from "../support/descriptors.ts";

/**
 * Error details of an API's own protos, in errors of calls: clients generated from those protos can
 * decode them, on every path of an error.
 */
const PROTO = `
  syntax = "proto3";
  package test.v1;
  import "google/api/annotations.proto";
  import "google/longrunning/operations.proto";
  service Parcels {
    rpc WeighParcel(Parcel) returns (Parcel) {
      option (google.api.http) = { post: "/v1/parcels:weigh" body: "*" };
    }
    rpc SendParcel(Parcel) returns (google.longrunning.Operation) {
      option (google.api.http) = { post: "/v1/parcels:send" body: "*" };
      option (google.longrunning.operation_info) = { response_type: "Parcel" metadata_type: "Parcel" };
    }
  }
  message Parcel { string name = 1; }
  message TooHeavy { int64 grams = 1; }`;

const registry = descriptorsOf(PROTO);
const rpcs = (registry.getService("test.v1.Parcels")?.methods ?? []) as DescMethodUnary[];
const rpc = (name: string): DescMethodUnary => {
  const found = rpcs.find((each) => each.name === name);
  assert.ok(found !== undefined);
  return found;
};

const URL = "type.googleapis.com";
const OWN = { "@type": `${URL}/test.v1.TooHeavy`, grams: "5000" };
const UNFIT = { "@type": `${URL}/test.v1.TooHeavy`, kilograms: 5 };
const NOBODYS = { "@type": `${URL}/nobody.Knows`, a: 1 };
const INFO = errorInfo({ reason: "TOO_HEAVY", domain: "parcels" });
const struct = (value: object): object => ({ "@type": `${URL}/google.protobuf.Struct`, value });
const SHOWN = [INFO, OWN, struct(UNFIT), struct(NOBODYS)];

function refuse(): never {
  throw new StatusError("FAILED_PRECONDITION", "Too heavy.", { details: [INFO, OWN, UNFIT, NOBODYS] });
}

interface Shown {
  readonly error: { readonly details: readonly object[] };
}

describe("the error of a call has details of the API's own protos", () => {
  let served: Served;
  before(async () => {
    const parcel = registry.getMessage("test.v1.Parcel");
    assert.ok(parcel !== undefined);
    const messages = { response: parcel, metadata: parcel };
    const methods = [
      defineMethod(rpc("WeighParcel"), { answer: refuse }),
      defineMethod(rpc("SendParcel"), { ...messages, target: refuse, run: () => ({}) }),
    ];
    served = await serve({ methods, store: "sqlite::memory:", host: "127.0.0.1", port: 0, drain: "0s" });
  });
  after(() => served.stop());

  const post = async (path: string, body: string, type = "application/json"): Promise<Response> =>
    fetch(`${served.url}${path}`, { method: "POST", body, headers: { "content-type": type } });
  const detailsAt = async (path: string): Promise<readonly object[]> => {
    const response = await post(path, "{}");
    return ((await response.json()) as Shown).error.details;
  };

  it("over REST, in both formats, for RPCs that are answered at once and RPCs that start operations", async () => {
    for (const path of [
      "/v1/parcels:weigh",
      "/v1/parcels:weigh?$.xgafv=1",
      "/v1/parcels:send",
      "/v1:sendParcel",
    ])
      assert.deepEqual(await detailsAt(path), SHOWN, path);
  });

  it("in a part of a batch", async () => {
    const part =
      "--b\r\nContent-Type: application/http\r\n\r\nPOST /v1/parcels:weigh HTTP/1.1\r\n\r\n{}\r\n--b--\r\n";
    const answer = await (await post("/batch", part, "multipart/mixed; boundary=b")).text();
    const json = answer.slice(answer.indexOf("{"), answer.lastIndexOf("}") + 1);
    assert.deepEqual((JSON.parse(json) as Shown).error.details, SHOWN);
  });

  it("in each of many starts", async () => {
    const response = await post("/v1:startOperations", '{"requests":[{"method":"sendParcel"}]}');
    const { results } = (await response.json()) as { readonly results: readonly Shown[] };
    assert.deepEqual(results[0]?.error.details, SHOWN);
  });

  it("as bytes, over REST and over gRPC", async () => {
    const types = typesOfFile(rpc("WeighParcel").parent.file);
    const shown = (bytes: Uint8Array): unknown =>
      (toJson(StatusSchema, fromBinary(StatusSchema, bytes), { registry: types }) as { details: unknown })
        .details;
    const response = await post("/v1/parcels:weigh?alt=proto", "{}");
    assert.deepEqual(shown(new Uint8Array(await response.arrayBuffer())), SHOWN);
    const trailer = await refusalOverGrpc(served.url);
    assert.deepEqual(shown(trailer), SHOWN);
    const [, own] = fromBinary(StatusSchema, trailer).details;
    assert.ok(own !== undefined);
    assert.equal(anyUnpack(own, types)?.$typeName, "test.v1.TooHeavy");
  });
});

function asIs(bytes: Buffer): Buffer {
  return bytes;
}

/** The status of a refused call, from the trailers. */
async function refusalOverGrpc(url: string): Promise<Uint8Array> {
  const path = "/test.v1.Parcels/WeighParcel";
  const Client = makeGenericClientConstructor({}, "Parcels");
  const client: GrpcClient = new Client(url.slice("http://".length), credentials.createInsecure());
  const { promise, resolve } = Promise.withResolvers<Uint8Array>();
  client.makeUnaryRequest(path, asIs, asIs, Buffer.alloc(0), (error) => {
    resolve(error?.metadata.get("grpc-status-details-bin")[0] as Buffer);
  });
  return promise.finally(() => client.close());
}
