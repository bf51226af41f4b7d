import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { descriptorsOf } from "../../../test/support/descriptors.ts";
import { issuePath } from "../../core/method/schema.ts";
import { missingFields } from "./required-fields.ts";
import { library } from "./sample.suite.ts";

test("missingFields() counts a default as missing if a field has no presence, and checks messages that are there", () => {
  const { message } = library();
  const desc = message("CreateBookRequest");
  const paths = (init: Record<string, unknown>): unknown =>
    missingFields(desc, create(desc, init)).map(({ path }) => path);
  assert.deepEqual(paths({}), [["parent"], ["book"]]);
  assert.deepEqual(paths({ parent: "", book: {} }), [["parent"], ["book", "title"]]);
  assert.deepEqual(paths({ parent: "a", book: { title: "b" } }), []);
});

const registry = descriptorsOf(`
  syntax = "proto3";
  package test.v1;
  import "google/api/field_behavior.proto";
  import "google/protobuf/field_mask.proto";
  message Node { string zone = 1 [(google.api.field_behavior) = REQUIRED]; int32 cpus = 2; }
  message Instance {
    string name = 1 [(google.api.field_behavior) = REQUIRED];
    string display_name = 2 [(google.api.field_behavior) = REQUIRED];
    int32 memory_size_gb = 3 [(google.api.field_behavior) = REQUIRED];
    Node main = 4 [(google.api.field_behavior) = REQUIRED];
    repeated Node nodes = 5;
    map<string, Node> by_zone = 6;
    oneof spare { Node hot = 7; Node cold = 8; }
    map<string, string> labels = 9;
  }
  message CreateInstanceRequest {
    string parent = 1;
    Instance instance = 2;
  }
  message UpdateInstanceRequest {
    Instance instance = 1 [(google.api.field_behavior) = REQUIRED];
    google.protobuf.FieldMask update_mask = 2;
    string reason = 3 [(google.api.field_behavior) = REQUIRED];
  }
  message BatchUpdateInstancesRequest { string parent = 1; repeated UpdateInstanceRequest requests = 2; }
  message BatchCreateInstancesRequest { string parent = 1; repeated CreateInstanceRequest requests = 2; }`);

function missing(name: string, init: Record<string, unknown>): readonly string[] {
  const desc = registry.getMessage(`test.v1.${name}`);
  assert.ok(desc !== undefined);
  return missingFields(desc, create(desc, init)).map((issue) => issuePath(issue) ?? "");
}

suite("missingFields() of an update requires", () => {
  const update = (paths: readonly string[], instance: object): readonly string[] =>
    missing("UpdateInstanceRequest", {
      instance: { name: "a", ...instance },
      updateMask: { paths },
      reason: "b",
    });
  const everything = { displayName: "a", memorySizeGb: 1, main: { zone: "z" } };
  const cases: readonly (readonly [what: string, missing: readonly string[], expected: readonly string[]])[] =
    [
      ["nothing outside of the mask", update(["memory_size_gb"], { memorySizeGb: 1 }), []],
      [
        "what the mask names",
        update(["memory_size_gb", "labels.a"], { displayName: "a" }),
        ["instance.memory_size_gb"],
      ],
      ["a field that a path goes to", update(["main.zone"], {}), ["instance.main.zone"]],
      ["nothing beside that field", update(["main.cpus"], {}), []],
      ["all of a message that is named", update(["main"], { main: { cpus: 1 } }), ["instance.main.zone"]],
      ["a message that is named", update(["main"], {}), ["instance.main"]],
      [
        "all of the message where a path goes into it as well",
        update(["main.cpus", "main"], { main: { cpus: 1 } }),
        ["instance.main.zone"],
      ],
      ["all members of a list", update(["nodes"], { nodes: [{}] }), ["instance.nodes[0].zone"]],
      ["a field of all members", update(["nodes.*.zone"], { nodes: [{}] }), ["instance.nodes[0].zone"]],
      ["no other field of them", update(["nodes.*.cpus"], { nodes: [{}] }), []],
      [
        "the member of a key",
        update(["by_zone.a", "by_zone.`b.c`"], { byZone: { a: {}, "b.c": {}, d: {} } }),
        ["instance.by_zone.a.zone", "instance.by_zone.b.c.zone"],
      ],
      [
        "fields in a oneof",
        update(["hot.zone"], { spare: { case: "hot", value: {} } }),
        ["instance.hot.zone"],
      ],
      [
        "everything for *",
        update(["*"], {}),
        ["instance.display_name", "instance.memory_size_gb", "instance.main"],
      ],
      ["nothing more for * where all is there", update(["*"], everything), []],
      ["what is populated where there is no mask", update([], { memorySizeGb: 1, main: { cpus: 1 } }), []],
      ["all of what is in lists and maps then", update([], { nodes: [{}] }), ["instance.nodes[0].zone"]],
      [
        "the name, and what is beside the resource",
        missing("UpdateInstanceRequest", { instance: {} }),
        ["instance.name", "reason"],
      ],
      ["the resource", missing("UpdateInstanceRequest", { reason: "b" }), ["instance"]],
      [
        "of each update what its own mask names",
        missing("BatchUpdateInstancesRequest", {
          requests: [
            { instance: { name: "a" }, updateMask: { paths: ["labels"] }, reason: "b" },
            { instance: { name: "a" }, updateMask: { paths: ["display_name"] }, reason: "b" },
          ],
        }),
        ["requests[1].instance.display_name"],
      ],
    ];
  for (const [what, found, expected] of cases) test(what, () => assert.deepEqual(found, expected));
});

test("missingFields() requires everything but the name of a resource to be created, one by one or together", () => {
  const instance = { displayName: "a", memorySizeGb: 1, main: {} };
  assert.deepEqual(missing("CreateInstanceRequest", { instance }), ["instance.main.zone"]);
  assert.deepEqual(missing("BatchCreateInstancesRequest", { requests: [{ instance }] }), [
    "requests[0].instance.main.zone",
  ]);
});
