import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { jsonSchemaOf } from "./schema.ts";
import { sampleOf } from "./sample.ts";

test("sampleOf() makes a request that the schema accepts", () => {
  const schema = z.object({
    directory: z.string(),
    level: z.int().min(3).max(9),
    mode: z.enum(["fast", "small"]),
    email: z.email(),
    when: z.iso.datetime(),
    tags: z.array(z.string()).min(1),
    nested: z.object({ flag: z.boolean() }),
    either: z.union([z.number().positive(), z.string()]),
    depth: z.number().default(2),
    optional: z.string().optional(),
  });
  const sample = sampleOf(jsonSchemaOf(schema, "input") ?? {});
  assert.equal(schema.safeParse(sample).success, true, JSON.stringify(sample));
  assert.ok(!Object.hasOwn(sample as object, "optional"));
});

test("sampleOf() prefers examples, follows references, and ends in schemas that contain themselves", () => {
  assert.equal(sampleOf({ type: "string", examples: ["/var/log"] }), "/var/log");
  const tree = {
    $defs: { node: { type: "object", required: ["next"], properties: { next: { $ref: "#/$defs/node" } } } },
    $ref: "#/$defs/node",
  };
  assert.ok(JSON.stringify(sampleOf(tree)).startsWith('{"next":{"next":'));
  assert.deepEqual(
    sampleOf({
      allOf: [
        { required: ["a"], properties: { a: { const: 1 } } },
        { required: ["b"], properties: { b: {} } },
      ],
    }),
    { a: 1, b: {} },
  );
});
