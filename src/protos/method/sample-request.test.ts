import assert from "node:assert/strict";
import { test } from "node:test";
import { fromJson } from "@bufbuild/protobuf";
import { descriptorsOf, serviceOf } from "../../../test/support/descriptors.ts";
import { methodOf } from "../../../test/support/library-protos.ts";
import { missingFields } from "./required-fields.ts";
import { sampleRequest } from "./sample-request.ts";

const registry = descriptorsOf(`
  syntax = "proto3";
  package test.v1;
  import "google/api/annotations.proto";
  import "google/api/field_behavior.proto";
  import "google/protobuf/field_mask.proto";
  import "google/protobuf/struct.proto";
  import "google/protobuf/timestamp.proto";
  service Disks {
    rpc CreateDisk(CreateDiskRequest) returns (Disk) {
      option (google.api.http) = { post: "/v1/{parent=projects/*/zones/*}/disks" body: "disk" };
    }
    rpc UpdateDisk(UpdateDiskRequest) returns (Disk) {
      option (google.api.http) = { patch: "/v1/{disk.name=projects/*/disks/**}" body: "disk" };
    }
    rpc Copy(CopyRequest) returns (Disk);
  }
  enum Kind { KIND_UNSPECIFIED = 0; SSD = 1; }
  message Disk {
    string name = 1 [(google.api.field_behavior) = REQUIRED];
    int64 size_gb = 2 [(google.api.field_behavior) = REQUIRED];
    string note = 3;
  }
  message CreateDiskRequest {
    string parent = 1 [(google.api.field_behavior) = REQUIRED];
    Disk disk = 2 [(google.api.field_behavior) = REQUIRED];
    string disk_id = 3 [(google.api.field_behavior) = REQUIRED];
    Kind kind = 4 [(google.api.field_behavior) = REQUIRED];
  }
  message UpdateDiskRequest { Disk disk = 1; google.protobuf.FieldMask update_mask = 2; }
  message CopyRequest {
    repeated Disk disks = 1 [(google.api.field_behavior) = REQUIRED];
    map<int32, bool> by_number = 2 [(google.api.field_behavior) = REQUIRED];
    bytes key = 3 [(google.api.field_behavior) = REQUIRED];
    google.protobuf.Timestamp at = 4 [(google.api.field_behavior) = REQUIRED];
    google.protobuf.Value extra = 5 [(google.api.field_behavior) = REQUIRED];
    CopyRequest then = 6 [(google.api.field_behavior) = REQUIRED];
  }`);
const service = serviceOf(registry, "test.v1.Disks");
const [create, update, copy] = ["CreateDisk", "UpdateDisk", "Copy"].map((name) => methodOf(service, name));

test("sampleRequest() has the required fields and the resource of the address", () => {
  assert.ok(create !== undefined && update !== undefined);
  assert.deepEqual(sampleRequest(create), {
    parent: "projects/1/zones/1",
    disk: { sizeGb: 1 },
    diskId: "text",
    kind: "SSD",
  });
  assert.deepEqual(sampleRequest(update), { disk: { name: "projects/1/disks/1" } });
});

test("sampleRequest() makes a request that the RPC accepts, with fields of every kind", () => {
  assert.ok(create !== undefined && copy !== undefined);
  const { then, ...sample } = sampleRequest(copy);
  const expected = {
    disks: [{ name: "text", sizeGb: 1 }],
    byNumber: { 1: true },
    key: "dGV4dA==",
    extra: {},
  };
  assert.deepEqual(sample, { ...expected, at: "1970-01-01T00:00:00Z" });
  assert.ok(JSON.stringify(then).length < 2_000);
  for (const rpc of [copy, create]) {
    const message = fromJson(rpc.input, sampleRequest(rpc), { registry });
    // The innermost of the recursive messages is empty.
    const missing = missingFields(rpc.input, message).filter(({ path }) => !path?.includes("then"));
    assert.deepEqual(missing, []);
  }
});
