import assert from "node:assert/strict";
import { test } from "node:test";
import { maskPassword } from "./secret.ts";

test("maskPassword() masks the password of an address and nothing else", () => {
  assert.equal(maskPassword("postgres://me:top:secret@host/db"), "postgres://me:***@host/db");
  assert.equal(maskPassword("postgres://host/db?password=x&a=1"), "postgres://host/db?password=***&a=1");
  assert.equal(maskPassword("sqlite:data/operations.db"), "sqlite:data/operations.db");
  assert.equal(maskPassword("http://127.0.0.1:8080"), "http://127.0.0.1:8080");
});
