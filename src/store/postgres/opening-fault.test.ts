import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { after, test } from "node:test";
import { startPostgres } from "../../../test/support/postgres.ts";
import { StatusError } from "../../core/error/error.ts";
import { InvariantError } from "../../core/invariant.ts";
import { storeUnavailable } from "../fault.ts";
import { applyMigrations, listMigrations, openStore } from "../open.ts";
import { aMigratedAddress, failureOf, set } from "./a-database.suite.ts";
import { Database } from "./database.ts";
import { openingFault } from "./opening-fault.ts";

const address = await aMigratedAddress();

const ofPostgres = (code: string, message = "the database says so"): Error =>
  Object.assign(new Error(message), { name: "PostgresError", code, severity: "ERROR" });

const told = (error: unknown): readonly unknown[] => {
  const { code, message } = openingFault("postgres://me:secret@host/db", error) as StatusError;
  assert.match(message, /^Cannot open "postgres:\/\/me:\*\*\*@host\/db": .*\. .*\.$/);
  return [code, message];
};

test("openingFault() returns the cause, and whether it is temporary", () => {
  const passing = ["57P03", "53300", "25006", "08P01", "08006", "40001", "55P03", "53100", "58030"];
  const lasting = [
    "28P01",
    "28000",
    "3D000",
    "3F000",
    "42501",
    "42704",
    "0A000",
    "XX000",
    "42883",
    "42601",
    "99999",
  ];
  for (const [codes, expected] of [
    [passing, "UNAVAILABLE"],
    [lasting, "FAILED_PRECONDITION"],
  ] as const) {
    for (const code of codes) {
      for (const error of [ofPostgres(code), storeUnavailable(ofPostgres(code))]) {
        const [status, message] = told(error);
        assert.equal(status, expected, code);
        assert.match(String(message), /the database says so/);
      }
    }
  }
  for (const code of [
    "ECONNREFUSED",
    "ENOTFOUND",
    "CONNECT_TIMEOUT",
    "ECONNRESET",
    "SERVER_UNFIT",
    "EWHATEVER",
  ])
    assert.equal(told(Object.assign(new Error("no"), { code }))[0], "UNAVAILABLE", code);
  for (const code of ["TLS_REFUSED", "DEPTH_ZERO_SELF_SIGNED_CERT", "ERR_TLS_CERT_ALTNAME_INVALID"])
    assert.equal(told(Object.assign(new Error("no"), { code }))[0], "FAILED_PRECONDITION", code);
});

test("openingFault() hides passwords in others' messages, and detects a statement that can never run", () => {
  const quoting = ofPostgres("28000", 'no entry for "postgres://me:secret@host"');
  assert.doesNotMatch(String(told(quoting)[1]), /secret/);
  const bug = Object.assign(new InvariantError("The database rejected a statement"), {
    cause: ofPostgres("42883"),
  });
  assert.equal(told(bug)[0], "FAILED_PRECONDITION");
});

test("openingFault() does not change our own errors and bugs", () => {
  for (const error of [
    new StatusError("FAILED_PRECONDITION", "m"),
    new TypeError("x"),
    new InvariantError("y"),
    "z",
  ])
    assert.equal(openingFault("postgres://h/d", error), error);
});

const changed = (change: (url: URL) => void): string => {
  const url = new URL(address);
  change(url);
  return url.href;
};

/** The address of a listener that ends every connection at once. */
async function hangingUp(): Promise<string> {
  const listener = createServer((socket) => socket.destroy()).listen(0, "127.0.0.1");
  await once(listener, "listening");
  after(() => listener.close());
  const where = listener.address();
  assert.ok(where !== null && typeof where === "object");
  return changed((url) => (url.port = String(where.port)));
}

test("opening, migrating and inspecting a store report the fault and the remedy", async () => {
  const readOnly = await aMigratedAddress();
  await set(readOnly, { default_transaction_read_only: "on" });
  const wrong: Readonly<Record<string, readonly [string, RegExp, string]>> = {
    port: [
      changed((url) => (url.port = "1")),
      /nothing listens there.*host and port are right/,
      "UNAVAILABLE",
    ],
    host: [changed((url) => (url.hostname = "no.such.host.invalid")), /host/, "UNAVAILABLE"],
    database: [
      `${address}_not`,
      /no such database.*"\w+_not" does not exist.*createdb/,
      "FAILED_PRECONDITION",
    ],
    user: [
      changed((url) => (url.username = "nobody")),
      /may not connect \(role "nobody" does not exist\)/,
      "FAILED_PRECONDITION",
    ],
    sslmode: [`${address}?sslmode=verify-full`, /does not offer TLS.*sslmode=disable/, "FAILED_PRECONDITION"],
    setting: [`${address}?serach_path=a`, /"serach_path".*after the \?/, "FAILED_PRECONDITION"],
    server: [await hangingUp(), /ended the connection/, "UNAVAILABLE"],
  };
  const attempts = Object.entries(wrong).flatMap(([what, [store, message, code]]) =>
    [openStore, applyMigrations, listMigrations].map(async (way) => {
      const error = await failureOf(way(store));
      assert.ok(error instanceof StatusError, `${what}: ${String(error)}`);
      assert.match(error.message, message, what);
      assert.equal(error.code, code, what);
    }),
  );
  await Promise.all(attempts);
  await assert.rejects(openStore(readOnly), { message: /takes no writes.*target_session_attrs=read-write/ });
  await assert.rejects(openStore(`${address}?sslmode=on`), { name: "TypeError", message: /verify-full/ });
});

test("a wrong password is reported, but not shown", async () => {
  const folder = mkdtempSync(join(tmpdir(), "longrunning-hba-"));
  after(() => rmSync(folder, { recursive: true }));
  chmodSync(folder, 0o755);
  const rules = join(folder, "pg_hba.conf");
  writeFileSync(
    rules,
    "host all postgres 127.0.0.1/32 trust\nhost all guest 127.0.0.1/32 scram-sha-256\nhostssl all other 127.0.0.1/32 trust\n",
  );
  await using guarded = await startPostgres({ fsync: "off", hba_file: rules });
  const store = await guarded.createDatabase();
  const administrator = new Database({ address: store, connections: 1 });
  await administrator.query("create role guest login superuser password 'right'");
  await administrator.query("create role other login");
  await administrator.close();
  const as = (user: string): string => store.replace("//postgres@", `//${user}@`);
  for (const password of ["wr0ng", "wr%C3%B6ng", ""]) {
    const error = await failureOf(openStore(as(`guest:${password}`)));
    assert.match(String(error), /the user may not connect \(.*\)\. Correct the user and the password/);
    assert.doesNotMatch(String(error), /wr0ng|ng@/);
  }
  await assert.rejects(openStore(as("other")), {
    code: "FAILED_PRECONDITION",
    message: /no pg_hba.conf entry.*allow it in pg_hba\.conf/,
  });
  await (await openStore(as("guest:right"))).close();
});

test("a process that waits for its database stays alive until the attempt has failed", async () => {
  const program = `
    const { openOperations } = await import(${JSON.stringify(new URL("../../assembly/open.ts", import.meta.url).href)});
    await openOperations({ methods: [], store: "postgres://u@127.0.0.1:1/d" }).catch((error) => console.log(error.code));`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [printed, failed, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "exit"),
  ]);
  assert.deepEqual([printed, failed, code], ["UNAVAILABLE\n", "", 0]);
});
