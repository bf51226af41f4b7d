import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { type } from "arktype";
import { z } from "zod";
import { defineMethod } from "../../core/method/method.ts";
import type { Schema } from "../../core/method/schema.ts";
import type { ValueDescription } from "./description.ts";
import { MESSAGE_SCHEMAS } from "./message-schemas.ts";
import { addMethodSchemas, SchemaTable } from "./method-schemas.ts";

function schemasOf(request: Schema, response?: Schema): Record<string, ValueDescription> {
  const table = new SchemaTable({});
  addMethodSchemas(
    defineMethod({ name: "pack", request, response: response ?? z.object({}), run: () => ({}) }),
    table,
  );
  return table.all();
}

suite("addMethodSchemas()", () => {
  test("describes zod schemas", () => {
    const schemas = schemasOf(
      z.object({ directory: z.string().describe("What.") }),
      z.object({ size: z.int32() }),
    );
    assert.deepEqual(schemas["PackRequest"], {
      id: "PackRequest",
      type: "object",
      properties: { directory: { type: "string", description: "What.", required: true } },
    });
    const { size } = schemas["PackResponse"]?.properties ?? {};
    assert.equal(size?.type, "integer");
    assert.equal(size.format, "int32");
  });

  test("describes arktype schemas", () => {
    const { PackRequest } = schemasOf(type({ directory: "string", "level?": "number" }));
    assert.deepEqual(PackRequest?.properties, {
      directory: { type: "string", required: true },
      level: { type: "number", format: "double" },
    });
  });

  test("shows a schema that cannot describe itself as an unrestricted object", () => {
    const mute: Schema = { "~standard": { version: 1, vendor: "mute", validate: (value) => ({ value }) } };
    const schemas = schemasOf(mute, z.object({ at: z.date() }));
    for (const id of ["PackRequest", "PackResponse"]) {
      assert.equal(schemas[id]?.type, "object");
      assert.equal(schemas[id].additionalProperties?.type, "any");
    }
  });

  test("gives parts that refer to themselves a schema of their own", () => {
    const entry = z.object({
      name: z.string(),
      get entries() {
        return z.array(entry);
      },
    });
    const schemas = schemasOf(z.object({ root: entry, more: z.array(entry) }));
    const id = schemas["PackRequest"]?.properties?.["root"]?.$ref ?? "";
    assert.ok(id.startsWith("PackRequest"), id);
    assert.equal(schemas[id]?.id, id);
    assert.equal(schemas[id].properties?.["entries"]?.items?.$ref, id);
  });

  test("returns Empty if the method has no response", () => {
    const table = new SchemaTable(MESSAGE_SCHEMAS);
    const ids = addMethodSchemas(defineMethod({ name: "pack", request: z.object({}), run() {} }), table);
    assert.deepEqual(ids, { request: "PackRequest", response: "Empty", metadata: "PackMetadata" });
  });

  test("does not use the name of one of Google's messages", () => {
    const table = new SchemaTable(MESSAGE_SCHEMAS);
    const method = defineMethod({ name: "cancelOperation", request: z.object({ a: z.string() }), run() {} });
    assert.equal(addMethodSchemas(method, table).request, "CancelOperationRequest2");
    assert.deepEqual(table.all()["CancelOperationRequest"]?.properties, {});
  });
});
