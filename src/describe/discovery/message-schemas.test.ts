import assert from "node:assert/strict";
import { test } from "node:test";
import { MESSAGE_SCHEMAS } from "./message-schemas.ts";

test("each schema is found under its id and has a description", () => {
  for (const [id, schema] of Object.entries(MESSAGE_SCHEMAS)) {
    assert.equal(schema.id, id);
    assert.ok(schema.description, id);
    for (const [name, property] of Object.entries(schema.properties ?? {})) {
      assert.ok(property.description, `${id}.${name}`);
    }
  }
});

test("Operation has Google's five fields, and its payloads are Any (contract 1.2, 5.1)", () => {
  const { properties = {} } = MESSAGE_SCHEMAS["Operation"] ?? {};
  assert.deepEqual(Object.keys(properties), ["name", "metadata", "done", "error", "response"]);
  assert.equal(properties["error"]?.$ref, "Status");
  for (const payload of ["metadata", "response"]) {
    assert.deepEqual(properties[payload]?.additionalProperties, {
      type: "any",
      description: "Properties of the object. Contains field @type with type URL.",
    });
  }
  assert.equal(MESSAGE_SCHEMAS["Status"]?.properties?.["code"]?.format, "int32");
});

test("ListOperationsResponse has nextPageToken, without which Python makes no list_next (contract 5.2)", () => {
  assert.ok(MESSAGE_SCHEMAS["ListOperationsResponse"]?.properties?.["nextPageToken"]);
});
