import type { DescMethodUnary } from "@bufbuild/protobuf";
import { z } from "zod";
import { defineMethod } from "../../src/index.ts";
import { defineMethod as defineRpc } from "../../src/proto.ts";
import { descriptorsOf, serviceOf } from "../support/descriptors.ts";

/** Methods whose requests are costly to read, check and write. */
const PROTO = `
  syntax = "proto3";
  package test.v1;
  import "google/api/annotations.proto";
  import "google/protobuf/any.proto";
  import "google/protobuf/duration.proto";
  import "google/protobuf/field_mask.proto";
  import "google/protobuf/struct.proto";
  import "google/protobuf/timestamp.proto";
  service Mirror {
    rpc Look(Face) returns (Face) {
      option (google.api.http) = {
        get: "/v1/faces/{id}"
        additional_bindings { post: "/v1/all/{id}" body: "*" }
      };
    }
  }
  message Face {
    string id = 1;
    Face inner = 2;
    google.protobuf.Duration duration = 3;
    repeated int32 numbers = 4;
    int64 long = 5;
    bytes bytes = 6;
    map<string, string> texts = 7;
    map<string, Face> faces = 8;
    google.protobuf.Struct struct = 9;
    google.protobuf.Any any = 10;
    google.protobuf.FieldMask mask = 11;
    google.protobuf.Timestamp time = 12;
    repeated Face list = 13;
    google.protobuf.Value value = 14;
    double real = 15;
  }`;

const open = z.looseObject({});
/** Stores its request and responds with it. */
export const echo = defineMethod({
  name: "echo",
  request: open,
  response: open,
  // The data of long runs stays small.
  timeToLive: { default: "20s", min: "1s", max: "1m" },
  run: (request) => request,
});
/** Accepts only a list of texts. */
export const strict = defineMethod({
  name: "strict",
  request: z.strictObject({ texts: z.array(z.string()).optional() }),
  run: () => {},
});
const look = serviceOf(descriptorsOf(PROTO), "test.v1.Mirror").methods[0] as DescMethodUnary;
export const mirror = defineRpc(look, { answer: (face) => face as unknown as Record<string, unknown> });
