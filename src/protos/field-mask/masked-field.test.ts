import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { descriptorsOf } from "../../../test/support/descriptors.ts";
import { isMask, updateFieldsOf } from "./masked-field.ts";

const registry = descriptorsOf(`
  syntax = "proto3";
  package test.v1;
  import "google/api/resource.proto";
  import "google/protobuf/duration.proto";
  import "google/protobuf/field_mask.proto";
  message Cluster { string name = 1; }
  message Node {
    option (google.api.resource) = { type: "test/Node" pattern: "nodes/{node}" };
    string name = 1;
  }
  message Options { bool fast = 1; }
  message UpdateClusterRequest {
    Options options = 1;
    Node node = 2;
    Cluster cluster = 3;
    google.protobuf.FieldMask read_mask = 4;
    google.protobuf.FieldMask update_mask = 5;
  }
  message ChangeRequest {
    Options options = 1;
    Node node = 2;
    google.protobuf.FieldMask field_mask = 3;
  }
  message ReplaceRequest {
    Node node = 1;
    google.protobuf.FieldMask update_mask = 2;
  }
  message MoveRequest {
    google.protobuf.Duration patience = 1;
    Options options = 2;
    google.protobuf.FieldMask mask = 3;
  }
  message ReadRequest {
    Node node = 1;
    google.protobuf.FieldMask read_mask = 2;
  }
  message WipeRequest {
    repeated Node nodes = 1;
    google.protobuf.FieldMask update_mask = 2;
  }`);

suite("updateFieldsOf()", () => {
  const cases: readonly (readonly [
    message: string,
    fields: readonly [string, string, boolean] | undefined,
  ])[] = [
    ["UpdateClusterRequest", ["update_mask", "cluster", true]],
    ["ChangeRequest", ["field_mask", "node", false]],
    ["ReplaceRequest", ["update_mask", "node", true]],
    ["MoveRequest", ["mask", "options", false]],
    ["ReadRequest", undefined],
    ["WipeRequest", undefined],
  ];
  for (const [name, expected] of cases) {
    test(`of ${name}: ${expected === undefined ? "none" : `${expected[0]} is about ${expected[1]}`}`, () => {
      const message = registry.getMessage(`test.v1.${name}`);
      assert.ok(message !== undefined);
      const found = updateFieldsOf(message);
      const fields = found && [found.mask.name, found.resource.name, found.isCertain];
      assert.deepEqual(fields, expected);
      assert.equal(updateFieldsOf(message), found);
    });
  }
});

test("isMask() accepts only single masks", () => {
  const fields = registry.getMessage("test.v1.ReadRequest")?.fields ?? [];
  assert.deepEqual(fields.map(isMask), [false, true]);
});
