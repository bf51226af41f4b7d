import assert from "node:assert/strict";
import { resolve } from "node:path";
import { test } from "node:test";
import { parseAddress, withoutPassword } from "./address.ts";

test("parseAddress() reads paths, and memory", () => {
  assert.deepEqual(parseAddress("sqlite::memory:"), { kind: "sqlite", place: "memory" });
  assert.deepEqual(parseAddress("sqlite:data/o.db"), {
    kind: "sqlite",
    place: "file",
    path: resolve("data/o.db"),
  });
  assert.deepEqual(parseAddress("sqlite:/var/o.db"), { kind: "sqlite", place: "file", path: "/var/o.db" });
});

test("parseAddress() refuses anything else and says what is accepted", () => {
  for (const address of [
    "",
    "operations.db",
    "sqlite:",
    "sqlite://o.db",
    "sqlite::memory",
    "mysql://host/db",
  ]) {
    assert.throws(() => parseAddress(address), {
      name: "TypeError",
      message: /expected "sqlite:" and the path/,
    });
  }
});

test("withoutPassword() hides the secret of an address", () => {
  assert.equal(withoutPassword("postgres://user:secret@host/db"), "postgres://user:…@host/db");
  assert.equal(withoutPassword("sqlite:data/o.db"), "sqlite:data/o.db");
});
