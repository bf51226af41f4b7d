import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import {
  type DescMethodUnary,
  fromBinary,
  fromJson,
  type JsonValue,
  toBinary,
  toJson,
} from "@bufbuild/protobuf";
import { type Client as GrpcClient, credentials, makeGenericClientConstructor } from "@grpc/grpc-js";
import { defineMethod } from "../../src/proto.ts";
import { type Served, serve } from "../../src/assembly/serve.ts";
import { OperationSchema } from "../../src/wire/gen/google/longrunning/operations_pb.ts";
import { typesOfFile } from "../../src/protos/method/imported-types.ts";
import { descriptorsOf } from "../support/descriptors.ts";

/**
 * Messages that arrive over one transport are sent over the other: every well-known type, messages
 * of the API's own, and an Any in an Any.
 *
 * @see contract section 1.6
 */
const PROTO = `
  syntax = "proto3";
  package test.v1;
  import "google/api/annotations.proto";
  import "google/longrunning/operations.proto";
  import "google/protobuf/any.proto";
  import "google/protobuf/duration.proto";
  import "google/protobuf/field_mask.proto";
  import "google/protobuf/struct.proto";
  import "google/protobuf/timestamp.proto";
  import "google/protobuf/wrappers.proto";
  service Parcels {
    rpc SendParcel(Parcel) returns (google.longrunning.Operation) {
      option (google.api.http) = { post: "/v1/parcels:send" body: "*" };
      option (google.longrunning.operation_info) = { response_type: "Parcel" metadata_type: "Parcel" };
    }
  }
  message Parcel { google.protobuf.Any inside = 1; repeated int64 counts = 2; bytes raw = 3; }`;

const URL = "type.googleapis.com";
const INSIDE: readonly JsonValue[] = [
  { "@type": `${URL}/google.protobuf.Duration`, value: "1.500s" },
  { "@type": `${URL}/google.protobuf.Timestamp`, value: "2026-01-01T00:00:00Z" },
  { "@type": `${URL}/google.protobuf.FieldMask`, value: "a,b.cD" },
  { "@type": `${URL}/google.protobuf.Struct`, value: { a: [1, null, { b: "c" }] } },
  { "@type": `${URL}/google.protobuf.ListValue`, value: [1, "a"] },
  { "@type": `${URL}/google.protobuf.Value`, value: "a" },
  { "@type": `${URL}/google.protobuf.Int64Value`, value: "9007199254740993" },
  { "@type": `${URL}/google.protobuf.UInt64Value`, value: "18446744073709551615" },
  { "@type": `${URL}/google.protobuf.Int32Value`, value: -5 },
  { "@type": `${URL}/google.protobuf.UInt32Value`, value: 5 },
  { "@type": `${URL}/google.protobuf.DoubleValue`, value: 0.5 },
  { "@type": `${URL}/google.protobuf.FloatValue`, value: 0.5 },
  { "@type": `${URL}/google.protobuf.BoolValue`, value: true },
  { "@type": `${URL}/google.protobuf.StringValue`, value: "a" },
  { "@type": `${URL}/google.protobuf.BytesValue`, value: "AQI=" },
  { "@type": `${URL}/google.protobuf.Empty` },
  { "@type": `${URL}/test.v1.Parcel`, counts: ["1"], raw: "AQI=" },
  { "@type": `${URL}/google.protobuf.Any`, value: { "@type": `${URL}/google.protobuf.Empty` } },
  { "@type": `${URL}/test.v1.Parcel`, inside: { "@type": `${URL}/google.protobuf.Duration`, value: "1s" } },
];

function asIs(bytes: Buffer): Buffer {
  return bytes;
}

/** One call with bytes, in both directions. */
function call(client: GrpcClient, path: string, request: Uint8Array): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(path, asIs, asIs, Buffer.from(request), (error, answer) => {
      if (error !== null) reject(error);
      else resolve(answer ?? Buffer.alloc(0));
    });
  });
}

describe("an Any over both transports", () => {
  const registry = descriptorsOf(PROTO);
  const parcel = registry.getMessage("test.v1.Parcel") ?? assert.fail();
  const types = typesOfFile(parcel.file);
  const send = registry.getService("test.v1.Parcels")?.methods[0] ?? assert.fail();
  const methods = [
    defineMethod(send as DescMethodUnary, {
      response: parcel,
      metadata: parcel,
      run(request, { report }) {
        report(request as unknown as Record<string, unknown>);
        return request as unknown as Record<string, unknown>;
      },
    }),
  ];
  let served: Served;
  let client: GrpcClient;
  before(async () => {
    served = await serve({ methods, store: "sqlite::memory:", port: 0 });
    client = new (makeGenericClientConstructor({}, "any"))(served.url.slice(7), credentials.createInsecure());
  });
  after(async () => {
    client.close();
    await served.stop();
  });

  const overRest = async (path: string, body: JsonValue): Promise<JsonValue> => {
    const response = await fetch(`${served.url}${path}`, { method: "POST", body: JSON.stringify(body) });
    assert.equal(response.status, 200);
    return (await response.json()) as JsonValue;
  };
  const overGrpc = async (path: string, request: Uint8Array): Promise<JsonValue> =>
    toJson(OperationSchema, fromBinary(OperationSchema, await call(client, path, request)), {
      registry: types,
    });

  for (const inside of INSIDE) {
    it(`keeps ${JSON.stringify(inside)}`, async () => {
      const body = { inside };
      const message = fromJson(parcel, body, { registry: types });
      const byGrpc = await overGrpc("/test.v1.Parcels/SendParcel", toBinary(parcel, message));
      const byRest = await overRest("/v1/parcels:send", body);
      for (const { name } of [byGrpc, byRest] as { name: string }[]) {
        const rest = await overRest(`/v1/${name}:wait`, {});
        const { metadata, response } = rest as Record<string, JsonValue>;
        assert.deepEqual(response, { "@type": `${URL}/test.v1.Parcel`, ...body });
        assert.deepEqual(metadata, response);
        const get = new TextEncoder().encode(`\n${String.fromCharCode(name.length)}${name}`);
        assert.deepEqual(await overGrpc("/google.longrunning.Operations/GetOperation", get), rest);
        const proto = await (await fetch(`${served.url}/v1/${name}?alt=proto`)).arrayBuffer();
        const operation = fromBinary(OperationSchema, new Uint8Array(proto));
        assert.deepEqual(toJson(OperationSchema, operation, { registry: types }), rest);
      }
    });
  }
});
