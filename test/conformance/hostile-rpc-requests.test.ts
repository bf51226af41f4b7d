import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { DescMethodUnary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { defineMethod } from "../../src/proto.ts";
import { type Served, serve } from "../../src/assembly/serve.ts";
import { descriptorsOf, serviceOf } from "../support/descriptors.ts";

/** A message with a field of each kind, bound in each of the ways that a rule allows. */
const PROTO = `
  syntax = "proto3";
  package test.v1;
  import "google/api/annotations.proto";
  import "google/protobuf/any.proto";
  import "google/protobuf/duration.proto";
  import "google/protobuf/field_mask.proto";
  import "google/protobuf/struct.proto";
  import "google/protobuf/timestamp.proto";
  import "google/protobuf/wrappers.proto";
  service Mirror {
    rpc Look(Face) returns (Face) {
      option (google.api.http) = {
        get: "/v1/faces/{id}"
        additional_bindings { post: "/v1/inner/{id}" body: "inner" }
        additional_bindings { post: "/v1/all/{id}" body: "*" }
      };
    }
  }
  message Face {
    string id = 1;
    Inner inner = 2;
    google.protobuf.Duration d = 3;
    google.protobuf.Int64Value w = 4;
    repeated int32 n = 5;
    repeated Kind ks = 6;
    int64 l = 7;
    bytes b = 8;
    map<string, string> m = 9;
    google.protobuf.Struct s = 10;
    google.protobuf.Any a = 11;
    google.protobuf.FieldMask f = 12;
    google.protobuf.Timestamp t = 13;
    oneof o { string x = 14; Inner z = 15; }
    repeated Inner is = 16;
    google.protobuf.Value v = 17;
    double db = 18;
  }
  message Inner { Face r = 1; google.protobuf.Duration d = 2; google.protobuf.StringValue w = 3; int32 n = 4; }
  enum Kind { ZERO = 0; ONE = 1; }`;

/** Few, so that they collide often. */
const FIELD = fc.constantFrom(
  ..."inner d w n ks l b m s a f t x z is v db r seconds value paths typeUrl __proto__ constructor".split(
    " ",
  ),
);
const NAME = fc.array(FIELD, { minLength: 1, maxLength: 3 }).map((names) => names.join("."));
const TEXT = fc.oneof(
  fc.constantFrom(
    "",
    "1",
    "-1",
    "5s",
    "99999999999999999999",
    "NaN",
    "1e400",
    "true",
    "ONE",
    "7",
    "a,b",
    "AQI=",
    "%",
  ),
  fc.constantFrom("2026-01-01T00:00:00Z", "9999-99-99T00:00:00Z", "315576000001s", "null", "{}"),
  fc.string().map((text) => text.toWellFormed()),
);
const BODY = fc.oneof(
  fc.dictionary(FIELD, fc.oneof(TEXT, fc.jsonValue({ maxDepth: 2 }), fc.dictionary(FIELD, TEXT))),
  fc.jsonValue({ maxDepth: 2 }),
);

describe("an RPC over REST", () => {
  let served: Served;
  before(async () => {
    const look = serviceOf(descriptorsOf(PROTO), "test.v1.Mirror").methods[0] as DescMethodUnary;
    const methods = [defineMethod(look, { answer: (face) => face as unknown as Record<string, unknown> })];
    served = await serve({ methods, store: "sqlite::memory:", port: 0 });
  });
  after(() => served.stop());

  const statusOf = async (path: string, body?: string): Promise<number> => {
    const post = { method: "POST", body: body ?? "", headers: { "content-type": "application/json" } };
    const response = await fetch(`${served.url}${path}`, body === undefined ? {} : post);
    await response.arrayBuffer();
    return response.status;
  };

  it("refuses names inside a field that is one text", async () => {
    const twice = [
      "d=5s&d.seconds=6",
      "w=5&w.value=6",
      "t=2026-01-01T00:00:00Z&t.seconds=1",
      "f=a&f.paths=b",
    ];
    for (const query of [...twice, "inner.d=5s&inner.d.seconds=1", "d.seconds=6", "n.x=1", "ks=ONE&ks.x=1"]) {
      assert.equal(await statusOf(`/v1/faces/i?${query}`), 400, query);
    }
    assert.equal(await statusOf("/v1/faces/i?d=5s&w=5&t=2026-01-01T00:00:00Z&f=a&inner.d=5s&n=1&n=2"), 200);
  });

  it("returns paths of masks that have no JSON form unchanged, in JSON and as bytes", async () => {
    for (const query of ["f=A", "f=a_B,_", "f=labels.Env", "inner.r.f=a__b"]) {
      for (const alt of ["json", "proto"]) {
        assert.equal(await statusOf(`/v1/faces/i?${query}&$alt=${alt}`), 200, `${query} ${alt}`);
      }
    }
  });

  it("answers no query and no body with a 5xx", async () => {
    // A field, and sometimes a field inside it as well.
    const parameters = fc.array(fc.tuple(NAME, TEXT, fc.option(FIELD)), { maxLength: 3 }).map((all) =>
      all.flatMap(([name, text, inside]): [string, string][] =>
        inside === null
          ? [[name, text]]
          : [
              [name, text],
              [`${name}.${inside}`, text],
            ],
      ),
    );
    const places = fc.constantFrom("faces", "inner", "all");
    await fc.assert(
      fc.asyncProperty(parameters, places, BODY, async (query, at, body) => {
        const path = `/v1/${at}/i?${new URLSearchParams(query).toString()}`;
        const status = await statusOf(path, at === "faces" ? undefined : JSON.stringify(body));
        assert.ok(status < 500, `${status} for ${path} ${JSON.stringify(body)}`);
      }),
      { numRuns: 600 },
    );
  });
});
