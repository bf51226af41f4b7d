import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { attemptsOf, type ShownAttempt } from "../../src/core/operation/attempts.ts";
import type { Operation } from "../../src/core/operation/operation.ts";
import { defineMethod, openOperations } from "../../src/index.ts";
import { openStore } from "../../src/store/open.ts";

const folder = mkdtempSync(join(tmpdir(), "longrunning-attempts-"));
const store = `sqlite:${join(folder, "operations.db")}`;
after(() => rmSync(folder, { recursive: true, force: true }));

const begun = new Map<string, PromiseWithResolvers<void>>();
const stopped = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));

const HANDLERS: Readonly<Record<string, (attempt: number, signal: AbortSignal) => unknown>> = {
  answers: () => ({}),
  retries: (attempt) => {
    if (attempt < 3) throw new TypeError(`no disk in ${attempt}`);
  },
  goesOn: (attempt, signal) => (attempt > 1 ? {} : stopped(signal)),
  waits: (_, signal) => stopped(signal),
};

const declared = {
  request: z.object({ how: z.string() }),
  retry: { attempts: 3, initialDelay: "1ms" },
} as const;
const pack = defineMethod({ ...declared, name: "pack", run });
const brief = defineMethod({ ...declared, name: "brief", deadline: "1s", run });

async function run(
  { how }: { readonly how: string },
  {
    name,
    attempt,
    signal,
  }: { readonly name: string; readonly attempt: number; readonly signal: AbortSignal },
): Promise<void> {
  begunOf(name).resolve();
  await HANDLERS[how]?.(attempt, signal);
}

function begunOf(name: string): PromiseWithResolvers<void> {
  const known = begun.get(name) ?? Promise.withResolvers<void>();
  begun.set(name, known);
  return known;
}

const open = () => openOperations({ methods: [pack, brief], store });

/** The records, read while no process has the store open. */
async function recordsOf(names: readonly string[]): Promise<readonly Operation[]> {
  const reading = await openStore(store, { readOnly: true });
  const records = await Promise.all(names.map((name) => reading.read(name.slice(name.lastIndexOf("/") + 1))));
  await reading.close();
  return records.map((record) => record ?? assert.fail("a record is gone"));
}

const told = (attempts: readonly ShownAttempt[]): readonly string[] =>
  attempts.map(({ number, how, code, message }) => [number, how, code, message].filter(Boolean).join(" "));

/**
 * Asserts that each attempt ended before the next began, and that all are within the lifetime of
 * the operation.
 */
function areInOrder({ createTime, startTime, endTime, ...record }: Operation): void {
  const attempts = attemptsOf({ createTime, startTime, endTime, ...record });
  let time = createTime;
  for (const { beginTime, endTime: end } of attempts) {
    assert.ok(beginTime !== null && end !== null && time <= beginTime && beginTime <= end);
    time = end;
  }
  assert.deepEqual([attempts[0]?.beginTime, attempts.at(-1)?.endTime], [startTime, endTime]);
}

test("each attempt is a row with its worker, its times and its outcome", { timeout: 60_000 }, async () => {
  const operations = await open();
  const started = await Promise.all([
    operations.start(pack, { how: "answers" }),
    operations.start(pack, { how: "retries" }),
    operations.start(pack, { how: "waits" }),
    operations.start(brief, { how: "waits" }),
    operations.start(pack, { how: "goesOn" }),
  ]);
  const names = started.map(({ name }) => name);
  const [answers = "", retries = "", cancelled = "", late = "", released = ""] = names;
  await begunOf(cancelled).promise;
  await operations.cancel(cancelled);
  for (const name of [answers, retries, cancelled, late]) await operations.wait(name);
  await begunOf(released).promise;
  await operations.stop({ drain: "0s" });
  const later = await open();
  await later.wait(released);
  await later.stop();
  const records = await recordsOf(names);
  const [first, again, asked, passed, back] = records.map((record) => told(attemptsOf(record)));
  assert.deepEqual(first, ["1 succeeded"]);
  assert.deepEqual(again, [
    "1 failed INTERNAL TypeError: no disk in 1",
    "2 failed INTERNAL TypeError: no disk in 2",
    "3 succeeded",
  ]);
  assert.deepEqual(asked, ["1 cancelled CANCELLED The operation was cancelled."]);
  assert.deepEqual(passed, ["1 deadline DEADLINE_EXCEEDED The operation did not end before its deadline."]);
  assert.deepEqual(back, ["1 released", "2 succeeded"]);
  for (const record of records) areInOrder(record);
  const workers = new Set(
    records.slice(0, 4).flatMap((each) => attemptsOf(each).map(({ worker }) => worker)),
  );
  const [own] = workers;
  assert.equal(workers.size, 1);
  assert.match(own ?? "", new RegExp(`-${process.pid}-[0-9a-f]{8}$`));
  const [mine, other] = attemptsOf(records[4] ?? assert.fail()).map(({ worker }) => worker);
  assert.equal(mine, own);
  assert.notEqual(other, own, "another worker of the same process");
});

test("the attempt of a killed process belongs to its worker, and the next one to another worker", {
  timeout: 60_000,
}, async () => {
  const path = fileURLToPath(new URL("./attempts.ts", import.meta.url));
  const child = spawn(process.execPath, [path, store], { stdio: ["ignore", "pipe", "inherit"] });
  const { value = "" } = await createInterface(child.stdout)[Symbol.asyncIterator]().next();
  const [name = "", pid = ""] = value.split(" ");
  child.kill("SIGKILL");
  await once(child, "exit");
  const operations = await open();
  await operations.wait(name);
  await operations.stop();
  const [record] = await recordsOf([name]);
  assert.ok(record);
  const attempts = attemptsOf(record);
  assert.deepEqual(
    attempts.map(({ number, how, code }) => [number, how, code]),
    [
      [1, "worker-lost", "INTERNAL"],
      [2, "succeeded", null],
    ],
  );
  assert.match(attempts[0]?.worker ?? "", new RegExp(`-${pid}-[0-9a-f]{8}$`));
  assert.match(attempts[1]?.worker ?? "", new RegExp(`-${process.pid}-[0-9a-f]{8}$`));
  areInOrder(record);
});
