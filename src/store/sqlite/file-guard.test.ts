import assert from "node:assert/strict";
import { linkSync, mkdirSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import type { StatusError } from "../../core/error/error.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Store } from "../../core/ports/store.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { ManualClock } from "../../testing/manual-clock.ts";
import { openStore } from "../open.ts";
import { write } from "../suite/subject.suite.ts";
import { aDatabaseFile } from "./a-database.suite.ts";
import { openForWriting } from "./connection.ts";
import { FileGuard } from "./file-guard.ts";
import { InlineWriter } from "./inline-writer.ts";
import type { WriterPort } from "./messages.ts";

const AWAY = { code: "UNAVAILABLE", reason: "STORE_UNAVAILABLE" };

async function anOpenFile(context: TestContext, pathOf: (path: string) => string = (path) => path) {
  const path = aDatabaseFile(context);
  const clock = new ManualClock();
  const lost: StatusError[] = [];
  const store = await openStore(`sqlite:${pathOf(path)}`, { clock, onLost: (error) => lost.push(error) });
  context.after(() => store.close());
  return { path, clock, lost, store };
}

function insert(store: Store): Promise<unknown> {
  return write(store, { verb: "insert", operation: anOperation() });
}

const LOSSES: readonly (readonly [string, (path: string) => void, RegExp])[] = [
  [
    "its file is deleted",
    (path) => rmSync(path),
    /operations\.db" was deleted or renamed .* Put the file back/,
  ],
  ["its file is renamed", (path) => renameSync(path, `${path}-old`), /was deleted or renamed/],
  [
    "its file is replaced",
    (path) => {
      writeFileSync(`${path}-new`, "");
      renameSync(`${path}-new`, path);
    },
    /operations\.db" was replaced by another file/,
  ],
  [
    "its folder is renamed",
    (path) => renameSync(dirname(path), `${dirname(path)}-old`),
    /was deleted or renamed/,
  ],
  [
    "its lock is deleted",
    (path) => rmSync(`${path}.lock`),
    /\.lock" was deleted.*a second server could open/,
  ],
  ["its log is deleted", (path) => rmSync(`${path}-wal`), /-wal" was deleted.*a part of the database/],
  ["the index of its log is deleted", (path) => rmSync(`${path}-shm`), /-shm" was deleted/],
];

for (const [name, lose, message] of LOSSES) {
  test(`a store acknowledges nothing any more once ${name}, and says so once`, async (context) => {
    const { path, clock, lost, store } = await anOpenFile(context);
    context.after(() => rmSync(`${dirname(path)}-old`, { recursive: true, force: true }));
    await insert(store);
    lose(path);
    await clock.advance(LIMITS.fileCheckMs);
    await assert.rejects(insert(store), AWAY);
    await assert.rejects(insert(store), AWAY);
    assert.equal(lost.length, 1);
    assert.match(lost[0]?.message ?? "", message);
  });
}

test("everything committed before the log was deleted is there after a regular end", async (context) => {
  const { path, clock, store } = await anOpenFile(context);
  const operation = anOperation();
  await write(store, { verb: "insert", operation });
  rmSync(`${path}-wal`);
  await clock.advance(LIMITS.fileCheckMs);
  await assert.rejects(insert(store), AWAY);
  await store.close();
  const next = await openStore(`sqlite:${path}`);
  assert.equal((await next.read(operation.id))?.id, operation.id);
  await next.close();
});

test("a commit whose file disappears meanwhile is not acknowledged", async (context) => {
  const path = aDatabaseFile(context);
  await (await openStore(`sqlite:${path}`)).close();
  const clock = new ManualClock();
  const database = openForWriting(path);
  const writer = new InlineWriter(database, clock);
  const guard = new FileGuard({ path, realPath: path, clock, onLost: () => {} });
  context.after(() => database.close());
  const meanwhile: WriterPort = {
    settings: () => writer.settings(),
    close: () => writer.close(),
    writeBeside: (...call) => writer.writeBeside(...call),
    write: async (...call) => {
      const report = await writer.write(...call);
      rmSync(path);
      await clock.advance(LIMITS.fileCheckMs);
      return report;
    },
  };
  const inserting = { verb: "insert", operation: anOperation() } as const;
  await assert.rejects(guard.around(meanwhile).write([inserting], clock.now()), AWAY);
});

test("a link that is pointed elsewhere loses the store, but not one that points to it", async (context) => {
  const { path, clock, lost, store } = await anOpenFile(context, (file) => {
    symlinkSync(file, `${file}-link`);
    writeFileSync(file, "");
    return `${file}-link`;
  });
  await clock.advance(LIMITS.fileCheckMs);
  await insert(store);
  assert.deepEqual(lost, []);
  rmSync(`${path}-link`);
  writeFileSync(`${path}-other`, "");
  symlinkSync(`${path}-other`, `${path}-link`);
  await clock.advance(LIMITS.fileCheckMs);
  await assert.rejects(insert(store), AWAY);
  assert.equal(lost.length, 1);
});

test("a file of a running server is refused under any name", async (context) => {
  const { path, store } = await anOpenFile(context);
  const elsewhere = join(dirname(path), "elsewhere");
  mkdirSync(elsewhere);
  const [hard, soft] = [join(elsewhere, "hard.db"), join(elsewhere, "soft.db")];
  linkSync(path, hard);
  symlinkSync(hard, soft);
  const refused = {
    code: "FAILED_PRECONDITION",
    message: /another server has the same file open as ".*operations\.db"/,
  };
  for (const name of [hard, soft]) await assert.rejects(openStore(`sqlite:${name}`), refused);
  await insert(store);
  await store.close();
  await (await openStore(`sqlite:${hard}`)).close();
});

test("a file that was renamed under its server is refused to a second one", async (context) => {
  const { path, store } = await anOpenFile(context);
  const renamed = `${path}-renamed`;
  renameSync(path, renamed);
  await assert.rejects(openStore(`sqlite:${renamed}`), {
    code: "FAILED_PRECONDITION",
    message: /another server/,
  });
  await store.close();
});

test("the lock file is readable only by its owner, and is corrected if it was not", async (context) => {
  const { path, store } = await anOpenFile(context);
  assert.equal(statSync(`${path}.lock`).mode & 0o777, 0o600);
  await store.close();
  const other = aDatabaseFile(context);
  writeFileSync(`${other}.lock`, "", { mode: 0o644 });
  const next = await openStore(`sqlite:${other}`);
  assert.equal(statSync(`${other}.lock`).mode & 0o777, 0o600);
  await next.close();
  symlinkSync(path, `${other}-2.lock`);
  await assert.rejects(openStore(`sqlite:${other}-2`), { message: /lock file ".*" is a link.*Remove it/ });
});
