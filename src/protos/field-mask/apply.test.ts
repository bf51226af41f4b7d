import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { create, fromJson, type JsonObject, type Message, toJson } from "@bufbuild/protobuf";
import fc from "fast-check";
import { descriptorsOf } from "../../../test/support/descriptors.ts";
import { growthOf } from "../../../test/growth/growth.ts";
import { StatusError } from "../../core/error/error.ts";
import { aMask, anInstance, updatedJson } from "./apply-oracle.suite.ts";
import { applyUpdate, applyUpdateMask, rememberRequest } from "./apply.ts";

const registry = descriptorsOf(`
  syntax = "proto3";
  package test.v1;
  import "google/api/field_behavior.proto";
  import "google/protobuf/field_mask.proto";
  import "google/protobuf/struct.proto";
  import "google/protobuf/timestamp.proto";
  message Node { string zone = 1; int32 cpus = 2; Node spare = 3; }
  message Instance {
    string name = 1;
    string display_name = 2;
    optional int32 size = 3;
    Node main = 4;
    repeated Node nodes = 5;
    map<string, string> labels = 6;
    map<int32, Node> by_number = 7;
    oneof disk { string ssd = 8; Node remote = 9; }
    string state = 10 [(google.api.field_behavior) = OUTPUT_ONLY];
    google.protobuf.Struct extras = 11;
    map<int64, string> by_size = 12;
    map<bool, string> by_truth = 13;
    google.protobuf.Timestamp update_time = 14;
  }
  message UpdateInstanceRequest { Instance instance = 1; google.protobuf.FieldMask update_mask = 2; }`);

function messageNamed(name: string) {
  const found = registry.getMessage(`test.v1.${name}`);
  assert.ok(found !== undefined);
  return found;
}

const instance = messageNamed("Instance");

const STORED: Record<string, unknown> = {
  name: "i",
  displayName: "A",
  size: 3,
  main: { zone: "a", cpus: 1 },
  nodes: [{ zone: "a" }, { zone: "b" }],
  labels: { env: "test", "example.com/x": "1" },
  byNumber: { 7: { cpus: 7 } },
  disk: { case: "ssd", value: "s" },
  state: "READY",
};

/** The differences that an update makes to the stored instance. */
function changes(paths: readonly string[], given: Record<string, unknown>): JsonObject {
  const before = toJson(instance, create(instance, STORED)) as JsonObject;
  const after = toJson(instance, applyUpdateMask(instance, STORED, given, { paths })) as JsonObject;
  assert.deepEqual(toJson(instance, create(instance, STORED)), before);
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return Object.fromEntries(
    Array.from(keys)
      .filter((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]))
      .map((key) => [key, after[key] ?? null]),
  );
}

suite("applyUpdateMask() takes", () => {
  const all = { displayName: "B", size: 0, main: { cpus: 2 }, nodes: [{ cpus: 9 }], labels: { a: "b" } };
  const cases: readonly (readonly [
    what: string,
    paths: readonly string[],
    given: Record<string, unknown>,
    expected: JsonObject,
  ])[] = [
    ["nothing but what is named", ["display_name"], all, { displayName: "B" }],
    ["names in either spelling", ["displayName"], all, { displayName: "B" }],
    ["what is empty, where it is named", ["display_name", "size"], {}, { displayName: null, size: null }],
    ["a zero that is given", ["size"], all, { size: 0 }],
    ["a message whole", ["main"], all, { main: { cpus: 2 } }],
    ["a field inside", ["main.cpus"], all, { main: { zone: "a", cpus: 2 } }],
    ["a field inside that is empty", ["main.zone"], all, { main: { cpus: 1 } }],
    [
      "a field of what was not there",
      ["main.spare.cpus"],
      { main: { spare: { cpus: 4 } } },
      {
        main: { zone: "a", cpus: 1, spare: { cpus: 4 } },
      },
    ],
    ["nothing where neither has the message", ["main.spare.cpus"], {}, {}],
    ["a list whole", ["nodes"], all, { nodes: [{ cpus: 9 }] }],
    ["a map whole", ["labels"], all, { labels: { a: "b" } }],
    [
      "a key",
      ["labels.env", "labels.new"],
      { labels: { env: "prod", new: "n", other: "o" } },
      {
        labels: { env: "prod", "example.com/x": "1", new: "n" },
      },
    ],
    ["a key away", ["labels.env", "labels.none"], {}, { labels: { "example.com/x": "1" } }],
    [
      "a key in backticks",
      ["labels.`example.com/x`"],
      { labels: { "example.com/x": "2" } },
      {
        labels: { env: "test", "example.com/x": "2" },
      },
    ],
    [
      "a key that is a number",
      ["by_number.7", "by_number.8"],
      { byNumber: { 8: { cpus: 8 } } },
      {
        byNumber: { 8: { cpus: 8 } },
      },
    ],
    [
      "keys of other types, as JSON writes them",
      ["by_size.-9007199254740993", "by_size.07", "by_truth.false", "by_truth.1"],
      { bySize: { "-9007199254740993": "s", 7: "t" }, byTruth: { true: "u", false: "v" } },
      { bySize: { "-9007199254740993": "s" }, byTruth: { false: "v" } },
    ],
    [
      "another member of a oneof",
      ["remote.cpus"],
      { disk: { case: "remote", value: { cpus: 1 } } },
      {
        ssd: null,
        remote: { cpus: 1 },
      },
    ],
    ["the member of a oneof away", ["ssd"], {}, { ssd: null }],
    [
      "nothing that is OUTPUT_ONLY",
      ["state", "display_name"],
      { state: "BAD", displayName: "B" },
      {
        displayName: "B",
      },
    ],
    [
      "what is populated, without a mask",
      [],
      { displayName: "", size: 0, main: { cpus: 2 }, nodes: [{ cpus: 9 }], labels: { a: "b" }, state: "BAD" },
      { size: 0, main: { zone: "a", cpus: 2 }, nodes: [{ cpus: 9 }], labels: { a: "b" } },
    ],
    [
      "everything for *",
      ["*"],
      { name: "i", displayName: "B", state: "BAD", extras: { a: 1 } },
      {
        displayName: "B",
        size: null,
        main: null,
        nodes: null,
        labels: null,
        byNumber: null,
        ssd: null,
        extras: { a: 1 },
      },
    ],
  ];
  for (const [what, paths, given, expected] of cases)
    test(what, () => assert.deepEqual(changes(paths, given), expected));

  test("all parts that several paths name, in any order", () => {
    const masks: readonly (readonly [paths: readonly string[], alone: readonly string[]])[] = [
      [["display_name", "*"], ["*"]],
      [["main", "main.zone"], ["main"]],
      [["labels", "labels.env"], ["labels"]],
    ];
    for (const [paths, alone] of masks)
      for (const each of [paths, paths.toReversed()])
        assert.deepEqual(changes(each, all), changes(alone, all), each.join());
    const both = { ...changes(["display_name"], all), ...changes(["nodes"], all) };
    assert.deepEqual(changes(["nodes", "display_name"], all), both);
  });

  test("the fields that are set, if there is neither a resource nor a mask", () => {
    const result = applyUpdateMask(instance, STORED, undefined);
    assert.deepEqual(toJson(instance, result), toJson(instance, create(instance, STORED)));
  });
});

test("applyUpdateMask() refuses paths that the resource does not have, all of them at once", () => {
  const paths = ["none", "main.none", "display_name.x", "nodes.0.zone", "labels.a.b", "extras.a", ""];
  assert.throws(
    () => applyUpdateMask(instance, STORED, {}, { paths: ["size", "main", ...paths] }),
    (error: unknown) => {
      assert.ok(error instanceof StatusError);
      assert.deepEqual([error.code, error.reason], ["INVALID_ARGUMENT", "REQUEST_INVALID"]);
      assert.match(error.message, /"main\.none": test\.v1\.Node has no field "none"/);
      assert.match(error.message, /"nodes\.0\.zone": "nodes" can only be named as a whole/);
      const violations = error.details[0]?.["fieldViolations"] as readonly { readonly field: string }[];
      assert.deepEqual(
        violations.map(({ field }) => field),
        paths.map(() => "update_mask"),
      );
      return true;
    },
  );
});

suite("applyUpdateMask() takes time in proportion to the mask and the resource:", () => {
  const masks: Readonly<Record<string, (index: number) => string>> = {
    "other keys": (index) => `labels.${index}`,
    "the same map": () => "labels",
    "the same key": () => "labels.0",
  };
  for (const [what, path] of Object.entries(masks))
    test(what, () => {
      const problem = growthOf(
        (numbers: readonly number[]) => {
          const labels = Object.fromEntries(numbers.map((number) => [String(number), "a"]));
          applyUpdateMask(instance, { labels }, { labels }, { paths: numbers.map(path) });
        },
        (size) => Array.from({ length: size }, (_, index) => index),
        4_000,
      );
      assert.equal(problem, undefined);
    });
});

test("applyUpdate() takes resource and mask from the request that a handler gets", () => {
  const desc = messageNamed("UpdateInstanceRequest");
  const request = create(desc, { instance: { size: 5 }, updateMask: { paths: ["size"] } });
  assert.throws(() => applyUpdate(request, STORED), /^TypeError: applyUpdate: expected the request/);
  rememberRequest(request, desc, registry);
  assert.equal(applyUpdate(request, STORED)["size"], 5);
  assert.equal(applyUpdate(request, STORED)["displayName"], "A");
});

test("applyUpdate() accepts the stored resource in every form that handlers may return", () => {
  const desc = messageNamed("UpdateInstanceRequest");
  const request = create(desc, { instance: { size: 5 }, updateMask: { paths: ["size"] } });
  rememberRequest(request, desc, registry);
  const message = create(instance, { ...STORED, size: 0 });
  const time = { updateTime: new Date(1_500) };
  const json = toJson(instance, message) as JsonObject;
  for (const stored of [message, { ...message, ...time }, { ...STORED, ...time }, json]) {
    const { updateTime, ...updated } = toJson(
      instance,
      applyUpdate<object>(request, stored) as Message,
    ) as JsonObject;
    assert.deepEqual(updated, toJson(instance, create(instance, { ...STORED, size: 5 })));
    assert.equal(updateTime, "updateTime" in stored ? "1970-01-01T00:00:01.500Z" : undefined);
  }
  assert.throws(
    () => applyUpdate(request, { ...STORED, colour: "red" }),
    /^TypeError: applyUpdate: invalid stored resource: .*colour/,
  );
});

test("applyUpdateMask() gives for any two resources and any mask the same as a walk over their JSON", () => {
  const agrees = fc.property(anInstance, anInstance, aMask, (stored, given, paths) => {
    const [before, after] = [fromJson(instance, stored), fromJson(instance, given)];
    const updated = toJson(instance, applyUpdateMask(instance, before, after, { paths }));
    assert.deepEqual(updated, updatedJson(stored, given, paths));
  });
  fc.assert(agrees, { numRuns: 500 });
});
