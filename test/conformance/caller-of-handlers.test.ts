import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { z } from "zod";
import { type Served, serve } from "../../src/assembly/serve.ts";
import { type CallerIdentity, callerText } from "../../src/core/caller.ts";
import type { Operation } from "../../src/core/operation/operation.ts";
import { systemClock } from "../../src/core/ports/clock.ts";
import { defineMethod } from "../../src/index.ts";
import { openStore } from "../../src/store/open.ts";
import { anOperation } from "../../src/testing/an-operation.ts";
import { migratedDatabase } from "../support/migrated.ts";
import { postgresForTests } from "../support/postgres.ts";

const identity = { principal: "user:ada@example.com", tenant: "projects/ä" };
const anonymous = { principal: "anonymous", tenant: null };

/** A method that responds with its caller and its attempt. */
const tell = defineMethod({
  name: "tell",
  request: z.object({}),
  response: z.object({ caller: z.unknown(), attempt: z.number() }),
  run: (_request, { caller, attempt }) => ({ caller, attempt }),
});

type Told = readonly [caller: CallerIdentity | null, attempt: number];

/** The caller that the handler of an operation saw, once the operation has ended. */
async function toldOf({ operations }: Served, name: string): Promise<Told> {
  const { response } = await operations.wait(name, { method: tell, timeout: "60s" });
  assert.ok(response !== null, "it has ended well");
  return [response.caller as CallerIdentity | null, response.attempt];
}

/** Starts an operation over REST. @returns its name */
async function startAt({ url }: Served): Promise<string> {
  const response = await fetch(`${url}/v1:tell`, { method: "POST", body: "{}" });
  return ((await response.json()) as { readonly name: string }).name;
}

const nameOf = ({ id }: Operation): string => `operations/${id}`;

/** Stores operations like a program that does not know this one. @returns their names, in order */
async function store(address: string, callers: readonly (string | null)[]): Promise<readonly string[]> {
  const opened = await openStore(address, { clock: systemClock });
  const createTime = opened.time();
  const all = callers.map((caller) =>
    anOperation({ method: "tell", createTime, availableTime: createTime, caller }),
  );
  await Promise.all(all.map((operation) => opened.write({ verb: "insert", operation })));
  await opened.close();
  return all.map(nameOf);
}

/**
 * Claims every operation for a worker that vanishes at once: its leases expire, and it never
 * reports anything.
 */
async function claimAndVanish(address: string, count: number): Promise<void> {
  const opened = await openStore(address, { clock: systemClock });
  const wanted = [{ method: "tell", limit: count }];
  const { operations } = await opened.write({
    verb: "claim",
    worker: "gone",
    leaseMs: 1,
    limit: count,
    wanted,
  });
  assert.equal(operations.length, count);
  await opened.close();
}

suite("context.caller, from the call to the handler", () => {
  let postgres: Awaited<ReturnType<typeof postgresForTests>>;
  let folder: string;
  before(async () => {
    postgres = await postgresForTests();
    folder = mkdtempSync(join(tmpdir(), "longrunning-caller-"));
  });
  after(async () => {
    await postgres[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });

  test("on PostgreSQL: a worker sees who started an operation, over REST in another service or in the process", async () => {
    const options = { methods: [tell], store: await migratedDatabase(postgres), port: 0 };
    const front = await serve({ ...options, role: "api" });
    const overRest = await startAt(front);
    const inProcess = (await front.operations.start(tell, {})).name;
    const worker = await serve({ ...options, role: "worker" });
    assert.deepEqual(await toldOf(front, overRest), [anonymous, 1]);
    assert.deepEqual(await toldOf(front, inProcess), [{ ...anonymous, principal: "in-process" }, 1]);
    // Operations that arrive while the worker runs are announced, so no read is needed.
    assert.deepEqual(await toldOf(front, await startAt(front)), [anonymous, 1]);
    await worker.stop();
    await front.stop();
  });

  test("on a SQLite file: the next service that opens it sees who started an operation", async () => {
    const options = { methods: [tell], store: `sqlite:${join(folder, "next.db")}`, port: 0 };
    const front = await serve({ ...options, worker: false });
    const name = await startAt(front);
    await front.stop();
    const next = await serve(options);
    assert.deepEqual(await toldOf(next, name), [anonymous, 1]);
    assert.deepEqual(await toldOf(next, await startAt(next)), [anonymous, 1]);
    await next.stop();
  });

  const ADDRESSES = {
    PostgreSQL: () => migratedDatabase(postgres),
    "a SQLite file": () => Promise.resolve(`sqlite:${join(folder, "vanished.db")}`),
  };
  for (const [kind, addressOf] of Object.entries(ADDRESSES))
    test(`on ${kind}: the attempt after a vanished worker sees the caller; null if none was stored`, async () => {
      const address = await addressOf();
      const names = await store(address, [callerText(identity), null]);
      await claimAndVanish(address, names.length);
      const next = await serve({ methods: [tell], store: address, port: 0 });
      const told = await Promise.all(names.map((name) => toldOf(next, name)));
      assert.deepEqual(told, [
        [identity, 2],
        [null, 2],
      ]);
      await next.stop();
    });
});
