import assert from "node:assert/strict";
import { test } from "node:test";
import { descriptorsOf, serviceOf } from "../../../test/support/descriptors.ts";
import { methodOf } from "../../../test/support/library-protos.ts";
import { bindingsOf } from "../../protos/http-rule/binding.ts";
import { type RpcExample, rpcExample } from "./rpc-example.ts";

const service = serviceOf(
  descriptorsOf(`
  syntax = "proto3";
  package test.v1;
  import "google/api/annotations.proto";
  import "google/api/field_behavior.proto";
  service Disks {
    rpc CreateDisk(CreateDiskRequest) returns (Disk) {
      option (google.api.http) = { post: "/v1/{parent=zones/*}/disks" body: "disk" };
    }
    rpc UpdateDisk(UpdateDiskRequest) returns (Disk) {
      option (google.api.http) = {
        patch: "/v1/{disk.name=zones/*/disks/*}" body: "disk"
        additional_bindings { post: "/v1/{disk.name=disks/*}:change" body: "*" }
      };
    }
    rpc ShowDisk(ShowDiskRequest) returns (Disk) {
      option (google.api.http) = { get: "/v1/disks/{fast}/{number}" };
    }
  }
  message Disk { string name = 1; int64 size_gb = 2 [(google.api.field_behavior) = REQUIRED]; }
  message Options { string mode = 1 [(google.api.field_behavior) = REQUIRED]; }
  message CreateDiskRequest {
    string parent = 1;
    Disk disk = 2;
    string disk_id = 3 [(google.api.field_behavior) = REQUIRED];
    repeated string tags = 4 [(google.api.field_behavior) = REQUIRED];
    Options options = 5 [(google.api.field_behavior) = REQUIRED];
    string note = 6;
  }
  message UpdateDiskRequest { Disk disk = 1; string why = 2 [(google.api.field_behavior) = REQUIRED]; }
  message ShowDiskRequest { bool fast = 1; int32 number = 2; }`),
  "test.v1.Disks",
);

function exampleOf(
  name: string,
  names: { readonly path: readonly string[]; readonly query: readonly string[] },
  index = 0,
): RpcExample {
  const binding = bindingsOf(methodOf(service, name))[index];
  assert.ok(binding !== undefined);
  return rpcExample(binding, names);
}

test("rpcExample() puts each part of the sample where the address has it", () => {
  const query = ["diskId", "tags", "options.mode", "note"];
  const { request, ...parts } = exampleOf("CreateDisk", { path: ["zonesId"], query });
  assert.equal(request["parent"], "zones/1");
  assert.deepEqual(parts, {
    parameters: { zonesId: "1", diskId: "text", tags: ["text"], "options.mode": "text" },
    body: {},
  });
});

test("rpcExample() leaves the path's fields out of the body, at each address", () => {
  assert.deepEqual(exampleOf("UpdateDisk", { path: ["zonesId", "disksId"], query: ["why"] }), {
    request: { disk: { name: "zones/1/disks/1" }, why: "text" },
    parameters: { zonesId: "1", disksId: "1", why: "text" },
    body: {},
  });
  assert.deepEqual(exampleOf("UpdateDisk", { path: ["disksId"], query: [] }, 1), {
    request: { disk: { name: "disks/1" }, why: "text" },
    parameters: { disksId: "1" },
    body: { disk: {}, why: "text" },
  });
});

test("rpcExample() has values of the fields' types in the path, and no body if there is none", () => {
  const { parameters, body } = exampleOf("ShowDisk", { path: ["fast", "number"], query: [] });
  assert.deepEqual([parameters, body], [{ fast: "true", number: "1" }, undefined]);
});
