import assert from "node:assert/strict";
import { resolve } from "node:path";
import { test } from "node:test";
import { parseAddress } from "./address.ts";

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
    "postgres://me@host",
    "postgres://me@host/",
  ]) {
    assert.throws(() => parseAddress(address), {
      name: "TypeError",
      message: /expected "sqlite:" and the path/,
    });
  }
});

test("parseAddress() accepts the URL of a database, with one host or several", () => {
  for (const url of [
    "postgres://me@host/db",
    "postgresql://me:pass@one:5432,two:5433/db?target_session_attrs=read-write",
    "postgres://me@[::1]:5432/db",
    "postgres://me@%2Fvar%2Frun/db",
  ]) {
    assert.deepEqual(parseAddress(url), { kind: "postgres", url });
  }
});

test("parseAddress() shows no password of an address that it refuses", () => {
  for (const address of [
    "postgres://host?password=secret",
    "postgres://host?PASSWORD=secret",
    "postgres://me:secret@host",
    "postgres://me:secret@one,,two/db",
    "postgres://me:sec/ret@host",
    "host=h password=secret",
    "Postgres://me:secret@host/db",
  ]) {
    assert.throws(
      () => parseAddress(address),
      (error: Error) => !/sec\/?ret/.test(error.message) && /\*\*\*/.test(error.message),
      address,
    );
  }
});
