import assert from "node:assert/strict";
import { test } from "node:test";
import { StatusError } from "../../core/error/error.ts";
import { errorBody } from "../../wire/error-body.ts";
import { ERROR_SCHEMAS, errorResponses } from "./errors.ts";

interface ObjectSchema {
  readonly properties: Readonly<Record<string, unknown>>;
}

test("errorResponses() has an entry for the HTTP status of the code, and one for all others (contract 1.4)", () => {
  assert.deepEqual(Object.keys(errorResponses(["INVALID_ARGUMENT", "NOT_FOUND"])), ["400", "404", "default"]);
});

function members(id: string): string[] {
  return Object.keys((ERROR_SCHEMAS[id] as unknown as ObjectSchema).properties).toSorted();
}

test("the schemas have the members of error bodies (contract 4)", () => {
  const error = new StatusError("UNAUTHENTICATED", "Who?", { reason: "CREDENTIALS_MISSING" });
  const body = (format: 1 | 2): { error: { errors?: object[] } } =>
    JSON.parse(errorBody(error, { format, domain: "archive" })) as { error: { errors?: object[] } };
  assert.deepEqual(Object.keys(body(2).error).toSorted(), members("ErrorStatus"));
  const { errors, ...rest } = body(1).error;
  assert.deepEqual(Object.keys(rest).toSorted(), members("ErrorStatus"));
  assert.deepEqual(Object.keys(errors?.[0] ?? {}).toSorted(), members("ErrorV1Item"));
});
