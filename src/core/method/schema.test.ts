import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { toStandardJsonSchema } from "@valibot/to-json-schema";
import { type } from "arktype";
import * as v from "valibot";
import { z } from "zod";
import { issuePath, jsonSchemaOf } from "./schema.ts";

const request = z.object({ directory: z.string() });

describe("jsonSchemaOf()", () => {
  it("asks the schema to describe itself, and accepts that it cannot", () => {
    const properties = { directory: { type: "string" } };
    assert.deepEqual(jsonSchemaOf(request, "input")?.["properties"], properties);
    assert.deepEqual(jsonSchemaOf(type({ directory: "string" }), "input")?.["properties"], properties);
    const described = toStandardJsonSchema(v.object({ directory: v.string() }));
    assert.deepEqual(jsonSchemaOf(described, "input")?.["properties"], properties);
    assert.equal(jsonSchemaOf(v.object({ directory: v.string() }), "input"), undefined);
    assert.equal(jsonSchemaOf(z.object({ at: z.date() }), "input"), undefined);
    assert.equal(jsonSchemaOf(undefined, "output"), undefined);
  });
});

describe("issuePath()", () => {
  it("writes paths as google.rpc.BadRequest does", () => {
    assert.equal(issuePath({ message: "", path: ["files", 3, { key: "name" }] }), "files[3].name");
    assert.equal(issuePath({ message: "" }), "");
  });
});
