import assert from "node:assert/strict";
import { test } from "node:test";
import { checkMember, memberNames, memberText } from "./members.ts";

const SCHEMA = {
  type: "object",
  properties: { disk: { $ref: "#/$defs/Disk" }, size: { type: "integer" }, labels: { type: "object" } },
  allOf: [{ properties: { zone: { type: ["string", "null"] } } }],
  $defs: { Disk: { anyOf: [{ properties: { name: { type: "string" } } }, { $ref: "#/$defs/Disk" }] } },
};

test("a path leads through references, and through the parts of a schema", () => {
  for (const path of ["disk.name", "size", "zone", "labels.any"]) checkMember(SCHEMA, path.split("."));
});

test("a path to something that the schema does not have is refused, with the nearest name", () => {
  assert.throws(() => checkMember(SCHEMA, ["disk", "nane"]), /has no "disk\.nane" \(did you mean "name"\?\)/);
  assert.throws(() => checkMember(SCHEMA, ["quux"]), /has no "quux"; there is disk, size, labels, zone/);
  assert.throws(() => checkMember(SCHEMA, ["labels"]), /"labels" is of the type object/);
});

test("a member is read as text, and is empty if it is missing", () => {
  const request = { disk: { name: "d" }, size: 5, labels: {}, on: true };
  assert.deepEqual(
    ["disk.name", "size", "on", "labels", "disk.toString", "disk.name.x", "none"].map((path) =>
      memberText(request, path.split(".")),
    ),
    ["d", "5", "true", "", "", "", ""],
  );
});

test("the names of members are found in all parts", () => {
  assert.deepEqual(memberNames(SCHEMA), ["disk", "size", "labels", "zone"]);
});
