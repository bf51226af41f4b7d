import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { descriptorsOf, serviceOf } from "../../../test/support/descriptors.ts";
import { methodOf } from "../../../test/support/library-protos.ts";
import { parentOf, targetOf } from "./parent.ts";

/** RPCs by their paths in Google's services; the first kind has none. */
const ADDRESSES: Readonly<Record<string, readonly string[]>> = {
  Plain: [],
  CreatePlain: [],
  Reschedule: ["post /v1/{instance=projects/*/locations/*/instances/*}:reschedule"],
  Apply: ["post /v1beta2/{name=projects/*/locations/*/instances/*}:apply"],
  CreateInstance: ["post /v1/{parent=projects/*/locations/*}/instances"],
  UpdateInstance: ["patch /v1/{book.name=projects/*/locations/*/instances/*}"],
  UpdateDdl: ["patch /v1/{instance=projects/*/instances/*/databases/*}/ddl"],
  CreateCluster: ["post /v1/projects/{project_id}/regions/{region}/clusters"],
  StopCluster: ["post /v1/projects/{project_id}/regions/{region}/clusters/{cluster_name}:stop"],
  CreateBuild: ["post /v1/projects/{project_id}/builds", "post /v1/{parent=projects/*/locations/*}/builds"],
  Move: [
    "post /v1/{name=projects/*/disks/*}:move",
    "post /v1/{name=folders/*/locations/*/disks/*}:move",
    "post /v1/{name=projects/*/zones/*/disks/*}:move",
  ],
  Insert: ["post /v1/{parent=projects/*/global}/networks"],
  Seek: ["post /v1/admin/{name=projects/*/locations/*/topics/*}:seek"],
  Export: ["post /v1/{parent=projects/*/locations/*}/{name=publishers/*/models/*}:export"],
  Scan: ["post /v1/{name=shelves/**}:scan"],
  Annotate: ["post /v1/videos:annotate"],
  Delete: ["delete /v1/services/{name}"],
};

const rpcs = Object.entries(ADDRESSES).map(([name, addresses]) => {
  const [first, ...others] = addresses.map((address) => {
    const [method = "", path = ""] = address.split(" ");
    return `${method}: "${path}"`;
  });
  const more = others.map((other) => `additional_bindings { ${other} }`).join(" ");
  const option = first === undefined ? "" : `option (google.api.http) = { ${first} ${more} };`;
  return `rpc ${name}(Request) returns (google.longrunning.Operation) { ${option} }`;
});

const service = serviceOf(
  descriptorsOf(`
    syntax = "proto3";
    package test.v1;
    import "google/api/annotations.proto";
    import "google/api/resource.proto";
    import "google/longrunning/operations.proto";
    service Library { ${rpcs.join("\n")} }
    message Book {
      option (google.api.resource) = {
        type: "library/Book"
        pattern: "projects/{project}/books/{book}"
        pattern: "projects/{project}/locations/{location}/books/{book}"
      };
      string name = 1;
      string book_name = 2;
    }
    message Request {
      string parent = 1;
      string name = 2;
      string key = 3 [(google.api.resource_reference) = { type: "kms/Key" }];
      string instance = 4;
      string project_id = 5;
      string region = 6;
      string cluster_name = 7;
      Book book = 8;
      string book_id = 9;
      string request_id = 10;
      oneof place { string room = 11; Book shelf = 12; }
    }`),
  "test.v1.Library",
);

const location = "projects/p/locations/l";
const instance = `${location}/instances/i`;
const region = { projectId: "p", region: "r" };

type Case = readonly [rpc: string, request: Record<string, unknown>, parent: string, target: string];

const CASES: readonly Case[] = [
  // From the path of the RPC.
  ["Reschedule", { instance }, location, instance],
  ["Reschedule", { instance: `//memcache.googleapis.com/${instance}` }, location, instance],
  ["Apply", { name: instance }, location, instance],
  ["UpdateInstance", { book: { name: instance } }, location, instance],
  [
    "UpdateDdl",
    { instance: "projects/p/instances/i/databases/d" },
    "projects/p",
    "projects/p/instances/i/databases/d",
  ],
  ["StopCluster", { ...region, clusterName: "c" }, "projects/p/regions/r", "projects/p/regions/r/clusters/c"],
  ["Move", { name: "projects/p/disks/d" }, "projects/p", "projects/p/disks/d"],
  ["Move", { name: "projects/p/zones/z/disks/d" }, "projects/p/zones/z", "projects/p/zones/z/disks/d"],
  [
    "Move",
    { name: "folders/f/locations/l/disks/d" },
    "folders/f/locations/l",
    "folders/f/locations/l/disks/d",
  ],
  ["Insert", { parent: "projects/p/global" }, "projects/p/global", "projects/p/global"],
  ["Seek", { name: `${location}/topics/t` }, location, `${location}/topics/t`],
  [
    "Export",
    { parent: location, name: "publishers/x/models/m" },
    location,
    `${location}/publishers/x/models/m`,
  ],
  ["Scan", { name: "shelves/1/books/2" }, "shelves/1", "shelves/1/books/2"],
  ["Delete", { name: "s" }, "services/s", "services/s"],
  ["Annotate", {}, "", ""],
  // From the binding with a location, wherever it is.
  ["CreateBuild", { projectId: "p" }, "projects/p", "projects/p"],
  ["CreateBuild", { projectId: "p", parent: location }, location, location],
  // Created resources.
  ["CreateInstance", { parent: location, bookId: "b", book: {} }, location, `${location}/instances/b`],
  ["CreateInstance", { parent: location, bookId: "b" }, location, `${location}/instances/b`],
  ["CreateInstance", { parent: location, book: { name: "b" } }, location, `${location}/instances/b`],
  [
    "CreateInstance",
    { parent: location, book: { name: `${location}/instances/b` } },
    location,
    `${location}/instances/b`,
  ],
  ["CreateInstance", { parent: location, requestId: "b" }, location, location],
  [
    "CreateCluster",
    { ...region, book: { bookName: "b" } },
    "projects/p/regions/r",
    "projects/p/regions/r/clusters/b",
  ],
  ["CreatePlain", { parent: location, bookId: "b" }, location, `${location}/books/b`],
  ["CreatePlain", { parent: "projects/p", bookId: "b" }, "projects/p", "projects/p/books/b"],
  ["CreatePlain", { parent: "folders/f/x/y/z/1", bookId: "b" }, "folders/f", "folders/f/x/y/z/1"],
  // From the fields if there is no path, or no matching one.
  ["Plain", { parent: location, name: "plain" }, location, location],
  ["Plain", { parent: location, name: "" }, location, location],
  ["Plain", { name: instance, parent: "projects/q" }, location, instance],
  ["Plain", { key: `${location}/keys/k` }, location, `${location}/keys/k`],
  ["Plain", { book: { name: instance } }, location, instance],
  ["Plain", { place: { case: "shelf", value: { name: instance } } }, location, instance],
  ["Plain", { parent: "organizations/1" }, "organizations/1", "organizations/1"],
  ["Plain", { instance, requestId: instance }, "", ""],
  ["Plain", {}, "", ""],
  ["Apply", { name: "projects/p/instances/i" }, "projects/p", "projects/p/instances/i"],
  // A wildcard is not a parent.
  [
    "Apply",
    { name: "projects/p/locations/-/instances/i" },
    "projects/p",
    "projects/p/locations/-/instances/i",
  ],
  ["Plain", { parent: "projects/-" }, "", "projects/-"],
];

suite("an operation of", () => {
  for (const [name, request, parent, target] of CASES) {
    test(`${name} ${JSON.stringify(request)} is stored under "${parent}" and has the target "${target}"`, () => {
      const rpc = methodOf(service, name);
      const message = create(rpc.input, request);
      assert.equal(parentOf(rpc, message), parent);
      assert.equal(targetOf(rpc, message), target);
    });
  }
});

test("a text that is too long for a name is not a name", () => {
  const long = `shelves/1/books/${"b".repeat(1_024)}`;
  for (const name of ["Scan", "Plain"]) {
    const rpc = methodOf(service, name);
    const message = create(rpc.input, { name: long });
    assert.deepEqual([parentOf(rpc, message), targetOf(rpc, message)], ["", ""]);
  }
});
