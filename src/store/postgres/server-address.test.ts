import assert from "node:assert/strict";
import { test } from "node:test";
import { readServerAddress } from "./server-address.ts";

const of = (rest: string): ReturnType<typeof readServerAddress> =>
  readServerAddress(`postgres://h/d?${rest}`);

test("readServerAddress() separates hosts, user, password, database and settings", () => {
  assert.deepEqual(
    readServerAddress(
      "postgres://me:p%40ss@one:5433,[::1]:5434,two/a%20b?search_path=x&statement_timeout=1s",
    ),
    {
      hosts: [
        { host: "one", port: 5433 },
        { host: "::1", port: 5434 },
        { host: "two", port: undefined },
      ],
      user: "me",
      password: "p@ss",
      database: "a b",
      tls: "disable",
      target: "any",
      settings: { search_path: "x", statement_timeout: "1s" },
    },
  );
});

test("readServerAddress() reads the addresses of other clients", () => {
  assert.deepEqual(readServerAddress("postgres://%2Fvar%2Frun/d").hosts, [
    { host: "/var/run", port: undefined },
  ]);
  assert.deepEqual([of("user=a&password=b%25").user, of("user=a&password=b%25").password], ["a", "b%"]);
  assert.equal(readServerAddress("postgres://u:50%@h/d").password, "50%", "one that lacks its encoding");
  assert.deepEqual(
    ["sslmode=require", "ssl=true", "ssl=false", "ssl=prefer", ""].map((rest) => of(rest).tls),
    ["require", "verify-full", "disable", "prefer", "disable"],
  );
  assert.deepEqual(
    of("options=-c%20a.b%3D1%20--work_mem%3D5%5C%20MB&channel_binding=require&pgbouncer=true").settings,
    {
      "a.b": "1",
      work_mem: "5 MB",
    },
  );
});

test("readServerAddress() refuses an invalid value of a parameter, and lists the valid ones", () => {
  for (const rest of ["sslmode=on", "ssl=maybe", "target_session_attrs=master"]) {
    assert.throws(() => readServerAddress(`postgres://u:secret@h/d?${rest}`), {
      name: "TypeError",
      message:
        /^Cannot open the store: expected (?:sslmode|target_session_attrs) to be one of .*, got "\w+"$/,
    });
  }
});
