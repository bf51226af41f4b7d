import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { anOperation } from "../../testing/an-operation.ts";
import { applyMigrations, listMigrations, openStore } from "../open.ts";
import { aDatabaseFile } from "./a-database.suite.ts";
import { openingFault } from "./opening-fault.ts";

/** Servers, migrations and read-only tools all get the same error. */
async function opened(path: string): Promise<readonly unknown[]> {
  const address = `sqlite:${path}`;
  const ways = [openStore(address), applyMigrations(address), openStore(address, { readOnly: true })];
  const answers = await Promise.allSettled([...ways, listMigrations(address)]);
  return answers.map((each) => (each.status === "rejected" ? (each.reason as unknown) : "opened"));
}

function assertRefused(errors: readonly unknown[], code: string, message: RegExp): void {
  for (const error of errors) {
    assert.ok(error instanceof Error, String(error));
    assert.match(error.message, message);
    assert.equal("code" in error && error.code, code, error.message);
  }
}

/** A file with content, as a server leaves it. */
async function aFilledFile(context: TestContext): Promise<string> {
  const path = aDatabaseFile(context);
  const store = await openStore(`sqlite:${path}`);
  await Promise.all(
    Array.from({ length: 200 }, () => store.write({ verb: "insert", operation: anOperation() })),
  );
  await store.close();
  return path;
}

test("a file that is not a database, and one with a damaged beginning, are reported as such", async (context) => {
  const path = await aFilledFile(context);
  const bytes = readFileSync(path).fill("x", 0, 100);
  writeFileSync(path, bytes);
  const message = /^Cannot open ".*operations\.db": the file is not a SQLite database.*Restore a backup/;
  assertRefused(await opened(path), "FAILED_PRECONDITION", message);
  writeFileSync(path, "This is not a database, and long enough to tell. ".repeat(100));
  assertRefused(await opened(path), "FAILED_PRECONDITION", message);
});

test("a truncated file, and one that is damaged inside, are reported as damaged", async (context) => {
  const cut = await aFilledFile(context);
  truncateSync(cut, 8_192);
  const message = /the file is damaged \(database disk image is malformed\)\. Restore a backup/;
  assertRefused(await opened(cut), "FAILED_PRECONDITION", message);
  const rotten = await aFilledFile(context);
  // Overwrites the rest of the first page, which lists the tables.
  writeFileSync(rotten, readFileSync(rotten).fill(7, 100, 4_096));
  assertRefused(await opened(rotten), "FAILED_PRECONDITION", message);
});

test("a folder, a device and a dangling link are reported as such", async (context) => {
  const path = aDatabaseFile(context);
  mkdirSync(path);
  assertRefused(
    await opened(path),
    "FAILED_PRECONDITION",
    /^Cannot open ".*": it is a folder\. Name a file\.$/,
  );
  assertRefused(await opened("/dev/null"), "FAILED_PRECONDITION", /it is not a regular file/);
  const link = `${path}-link`;
  symlinkSync(join(dirname(path), "nowhere", "operations.db"), link);
  assertRefused([(await opened(link))[0]], "FAILED_PRECONDITION", /a link to a missing file/);
  const below = join(await aFilledFile(context), "operations.db");
  assertRefused((await opened(below)).slice(0, 2), "FAILED_PRECONDITION", /a part of its path is a file/);
  const long = `${dirname(path)}/${"x".repeat(300)}`;
  assertRefused((await opened(long)).slice(0, 2), "FAILED_PRECONDITION", /its path is too long/);
});

test("a database of another version is reported, with the remedy", async (context) => {
  const path = await aFilledFile(context);
  const { DatabaseSync } = await import("node:sqlite");
  const database = new DatabaseSync(path);
  database.exec("insert into migrations values (99, '0099-later', 'x', 0)");
  database.close();
  assertRefused(await opened(path), "FAILED_PRECONDITION", /"0099-later".*Run the version that made it/);
});

test("another program's lock may pass", { timeout: 60_000 }, async (context) => {
  const path = await aFilledFile(context);
  const { DatabaseSync } = await import("node:sqlite");
  const database = new DatabaseSync(path);
  database.exec("pragma journal_mode = delete; begin exclusive");
  assertRefused(
    [await openStore(`sqlite:${path}`).catch((error: unknown) => error)],
    "UNAVAILABLE",
    /another program keeps it locked.*End that program/,
  );
  database.close();
});

/** Opens the file as a user other than root, and returns the message. */
function toldToUser(path: string): string {
  const program = `
    const { openStore } = await import(${JSON.stringify(new URL("../open.ts", import.meta.url).href)});
    await openStore(${JSON.stringify(`sqlite:${path}`)}).then(
      (store) => store.close(),
      (error) => console.log(error.code, error.message),
    );`;
  const user = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  const words = ["--input-type=module", "--eval", program];
  const { stdout, stderr } = spawnSync(process.execPath, words, { encoding: "utf8", ...user });
  return stdout + stderr;
}

test("a user without permissions is told which are missing", async (context) => {
  const path = await aFilledFile(context);
  const folder = dirname(path);
  if (process.getuid?.() === 0)
    for (const each of [folder, path, `${path}.lock`]) chownSync(each, 65_534, 65_534);
  chmodSync(path, 0o400);
  assert.match(toldToUser(path), /^FAILED_PRECONDITION .* may not write it\. Give that user the right/);
  chmodSync(path, 0o600);
  chmodSync(folder, 0o500);
  const told = [path, join(folder, "deeper", "operations.db")].map(toldToUser);
  chmodSync(folder, 0o700);
  assert.match(told[0] ?? "", /^FAILED_PRECONDITION .* may not write its folder/);
  assert.match(told[1] ?? "", /^FAILED_PRECONDITION .* may not read and write/);
  assert.equal(toldToUser(path), "");
});

function ofTheSystem(code: string): Error {
  return Object.assign(new Error(`${code}: said`), { code, syscall: "open" });
}

test("each system error has its message, and a bug of ours keeps its own", () => {
  for (const [code, words] of [
    ["ENOSPC", /the disk is full \(ENOSPC: said\)\. Free some space/],
    ["EROFS", /its file system is read-only/],
    ["EMFILE", /too many files open.*ulimit/],
  ] as const) {
    assert.match(String(openingFault("/o.db", ofTheSystem(code))), words);
  }
  const full = Object.assign(new Error("database or disk is full"), { errcode: 13 });
  assert.match(
    String(openingFault("/o.db", full)),
    /Cannot open "\/o\.db": the disk is full \(database or disk is full\)\./,
  );
  const bug = new TypeError("no such thing");
  assert.equal(openingFault("/o.db", bug), bug);
});
