import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decoded, withoutPassword } from "./secret.ts";

test("withoutPassword() hides the password of an address and nothing else", () => {
  const shown = {
    "postgres://me:top:secret@host/db": "postgres://me:***@host/db",
    "postgres://me:secret@one:5432,two:5433/db": "postgres://me:***@one:5432,two:5433/db",
    "postgres://me:50%25%40@host/db": "postgres://me:***@host/db",
    "postgres://:secret@host/db": "postgres://:***@host/db",
    "postgres://me@host:5432/db?application_name=a": "postgres://me@host:5432/db?application_name=a",
    "postgres://host?password=secret": "postgres://host?password=***",
    "postgres://host/db?password=secret&a=1": "postgres://host/db?password=***&a=1",
    "postgres://host/db?a=1&PassWord=secret": "postgres://host/db?a=1&PassWord=***",
    "postgres://host/db?p%61ssword=secret": "postgres://host/db?p%61ssword=***",
    "postgres://host/db?sslpassword=secret#x": "postgres://host/db?sslpassword=***",
    "host=h password=secret dbname=d": "host=h password=*** dbname=d",
    "host=h password = 'my \\' secret' dbname=d": "host=h password = *** dbname=d",
    "sqlite:data/operations.db": "sqlite:data/operations.db",
    "http://127.0.0.1:8080": "http://127.0.0.1:8080",
  };
  for (const [address, expected] of Object.entries(shown)) assert.equal(withoutPassword(address), expected);
});

test("withoutPassword() hides a password that is not percent-encoded", () => {
  for (const password of ["a/b", "a?b", "a#b", "a@b", "a b", "a:b", "a%b", "a&b"]) {
    const shown = withoutPassword(`Cannot open "postgres://me:${password}secret@host/db": no`);
    assert.equal(shown, 'Cannot open "postgres://me:***@host/db": no', password);
  }
});

test("withoutPassword() hides the password in a longer text, also as JSON", () => {
  const text = `expected an address, got ${JSON.stringify('postgres://me:se"cret@host/db?token=secret')}`;
  assert.equal(withoutPassword(text), 'expected an address, got "postgres://me:***@host/db?token=***"');
});

test("withoutPassword() never shows a correctly encoded password", () => {
  const password = fc
    .string({ minLength: 1, unit: "grapheme" })
    .map((text) => `sEcReT${encodeURIComponent(text)}`);
  fc.assert(
    fc.property(password, (secret) => {
      for (const address of [
        `postgres://me:${secret}@host/db`,
        `postgres://host/db?password=${secret}`,
        `postgres://host?a=b&password=${secret}&c=d`,
        `password=${secret} host=h`,
      ]) {
        assert.ok(!withoutPassword(address).includes("sEcReT"), address);
      }
    }),
  );
});

test("decoded() leaves unencoded text unchanged", () => {
  assert.deepEqual(["a%20b", "50%"].map(decoded), ["a b", "50%"]);
});
