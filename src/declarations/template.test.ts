import assert from "node:assert/strict";
import { test } from "node:test";
import { filledBy, templateParts } from "./template.ts";

test("a template is split at its braces", () => {
  assert.deepEqual(templateParts("projects/{project}/disks/{disk.name}"), [
    "projects/",
    ["project"],
    "/disks/",
    ["disk", "name"],
  ]);
  assert.deepEqual(templateParts("all"), ["all"]);
});

for (const [template, message] of [
  ["a/{b", /a "\{" that stands alone/],
  ["a}/b", /a "\}" that stands alone/],
  ["a/{}", /the path of a member in braces/],
  ["a/{b..c}", /got "\{b\.\.c\}"/],
  ["a/{b c}", /got "\{b c\}"/],
] as const)
  test(`"${template}" is not a template`, () => {
    assert.throws(() => templateParts(template), { name: "TypeError", message });
  });

test("a template is filled in, with empty text for missing members", () => {
  const fill = filledBy(
    templateParts("a/{b}"),
    ([name = ""]) =>
      (request) =>
        (request as Record<string, string>)[name] ?? "",
  );
  assert.equal(fill({ b: "x" }), "a/x");
  assert.equal(fill({}), "");
});
