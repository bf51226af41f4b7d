import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { create, type MessageInitShape, type DescMessage } from "@bufbuild/protobuf";
import { descriptorsOf } from "../../../test/support/descriptors.ts";
import { growthOf } from "../../../test/growth/growth.ts";
import { LIMITS } from "../../core/limits.ts";
import { issuePath } from "../../core/method/schema.ts";
import { unknownPaths } from "./unknown-path.ts";

const registry = descriptorsOf(`
  syntax = "proto3";
  package test.v1;
  import "google/api/resource.proto";
  import "google/protobuf/any.proto";
  import "google/protobuf/field_mask.proto";
  import "google/protobuf/struct.proto";
  import "google/protobuf/timestamp.proto";
  import "google/protobuf/wrappers.proto";
  message Node { string zone = 1; Node spare = 2; }
  message Cluster {
    option (google.api.resource) = { type: "test/Cluster" pattern: "clusters/{cluster}" };
    string name = 1;
    int32 node_count = 2;
    Node main = 3;
    repeated Node nodes = 4;
    repeated string tags = 5;
    map<string, string> labels = 6;
    map<string, Node> by_name = 7;
    google.protobuf.Struct extras = 8;
    google.protobuf.Any details = 9;
    google.protobuf.Timestamp update_time = 10;
    google.protobuf.Int64Value size = 11;
  }
  message UpdateClusterRequest { Cluster cluster = 1; google.protobuf.FieldMask update_mask = 2; }
  message BatchRequest {
    UpdateClusterRequest first = 1;
    repeated UpdateClusterRequest requests = 2;
    map<int32, UpdateClusterRequest> by_number = 3;
    google.protobuf.FieldMask read_mask = 4;
  }
  message UpdateNodeRequest { Node node = 1; google.protobuf.FieldMask field_mask = 2; }
  message ChangeRequest { Cluster cluster = 1; google.protobuf.FieldMask update_mask = 2; }
  message ShowRequest { Cluster cluster = 1; google.protobuf.FieldMask field_mask = 2; }
  message Source { string uri = 1; }
  message ImportClustersRequest { Source source = 1; google.protobuf.FieldMask update_mask = 2; }`);

/** Each unknown path as `field: text`. */
function refused(name: string, request: MessageInitShape<DescMessage>): readonly string[] {
  const desc = registry.getMessage(`test.v1.${name}`);
  assert.ok(desc !== undefined);
  return unknownPaths(desc, create(desc, request)).map((issue) => `${issuePath(issue)}: ${issue.message}`);
}

function refusedOf(paths: readonly string[]): readonly string[] {
  return refused("UpdateClusterRequest", { updateMask: { paths } });
}

suite("unknownPaths()", () => {
  test("accepts no mask, an empty one, `*`, and each path to a part of the resource", () => {
    assert.deepEqual(refused("UpdateClusterRequest", {}), []);
    assert.deepEqual(refusedOf([]), []);
    const paths = ["*", "node_count", "nodeCount", "main", "main.spare.spare.zone", "nodes", "nodes.*"];
    const members = ["nodes.*.zone", "tags", "labels", "labels.Env", "labels.`a.b/c`", "labels.*"];
    const others = ["by_name.a", "byName.a.zone", "by_name.*.zone", "extras.a.b", "details.any.thing"];
    assert.deepEqual(refusedOf([...paths, ...members, ...others, "update_time.seconds", "size.value"]), []);
  });

  const cases: Readonly<Record<string, string>> = {
    "": 'test.v1.Cluster has no field ""',
    none: 'test.v1.Cluster has no field "none"',
    node_cuont: 'test.v1.Cluster has no field "node_cuont" (did you mean "node_count"?)',
    "cluster.name": 'test.v1.Cluster has no field "cluster"; paths begin below "cluster"',
    "main.colour": 'test.v1.Node has no field "colour"',
    "name.x": '"name" has no fields',
    "nodes.zone": '"nodes" is a list, and a path cannot name one of its members',
    "nodes.0.zone": '"nodes" is a list, and a path cannot name one of its members',
    "nodes.*.colour": 'test.v1.Node has no field "colour"',
    "tags.*.x": '"tags" has no fields',
    "labels.a.b": 'the values of "labels" have no fields; put a key with a dot in backticks',
    "by_name.a.colour": 'test.v1.Node has no field "colour"',
    "update_time.none": 'google.protobuf.Timestamp has no field "none"',
    "main.": 'test.v1.Node has no field ""',
    "*.name": 'test.v1.Cluster has no field "*"',
  };
  for (const [path, rule] of Object.entries(cases))
    test(`refuses ${JSON.stringify(path)}, also beside other paths`, () => {
      const expected = `update_mask: Invalid path ${JSON.stringify(path)}: ${rule}`;
      assert.deepEqual(refusedOf([path]), [expected]);
      assert.deepEqual(refusedOf(["name", path, "*"]), [expected]);
    });

  test("finds masks in all parts of a request", () => {
    const bad = { updateMask: { paths: ["none"] } };
    const found = refused("BatchRequest", {
      first: bad,
      requests: [{}, bad],
      byNumber: { 7: bad },
      readMask: { paths: ["none"] },
    });
    const fields = found.map((text) => text.split(": ")[0]);
    assert.deepEqual(fields, ["first.update_mask", "requests[1].update_mask", "by_number.7.update_mask"]);
  });

  test("checks a mask only if its resource is certain", () => {
    const paths = ["none"];
    assert.equal(refused("UpdateNodeRequest", { fieldMask: { paths } }).length, 1);
    assert.equal(refused("ChangeRequest", { updateMask: { paths } }).length, 1);
    assert.equal(refused("ShowRequest", { fieldMask: { paths } }).length, 0);
    assert.equal(refused("ImportClustersRequest", { updateMask: { paths } }).length, 0);
  });

  test("stops at the limit of violations, and takes time in proportion to its paths", () => {
    const many = Array.from({ length: 1_000 }, (_, index) => `none${index}`);
    assert.equal(refusedOf(many).length, LIMITS.violationsMax);
    const problem = growthOf(
      (paths: readonly string[]) => assert.deepEqual(refusedOf(paths), []),
      (size) => Array.from({ length: size }, (_, index) => `by_name.${index}.spare.zone`),
      4_000,
    );
    assert.equal(problem, undefined);
  });
});
