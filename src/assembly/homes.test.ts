import assert from "node:assert/strict";
import { after, test } from "node:test";
import postgres from "postgres";
import { z } from "zod";
import { migratedDatabase } from "../../test/support/migrated.ts";
import { postgresForTests } from "../../test/support/postgres.ts";
import { LIMITS } from "../core/limits.ts";
import { defineMethod } from "../core/method/method.ts";
import { systemClock } from "../core/ports/clock.ts";
import { Teller } from "../core/teller.ts";
import { DEAD_MS } from "../store/postgres/live-homes.ts";
import { openToldBy } from "./open.ts";

const server = await postgresForTests();
after(() => server[Symbol.asyncDispose]());

/**
 * Unclaimed work is searched every second. On a busy machine that takes longer, but not as long as
 * until the owner is known to be dead.
 */
const LATE_MS_MAX = DEAD_MS / 2;

/**
 * A process with callers only and two with workers only, which know each other, and the claims of
 * these.
 */
async function aFleet(handler: () => Promise<void> | void, concurrency: number) {
  const store = await migratedDatabase(server);
  const sql = postgres(store, { max: 1, onnotice: () => {} });
  const method = defineMethod({ name: "work", request: z.object({}), run: handler });
  const claims: number[] = [];
  const open = async (role: "api" | "worker") => {
    const teller = new Teller();
    teller.watch((name, fields) => {
      if (name === "claim.answered" && "count" in fields) claims.push(fields.count);
    });
    const roles = { api: { worker: false }, worker: { callers: false } } as const;
    return openToldBy(teller, { store, methods: [method], concurrency, ...roles[role] });
  };
  const [api, ...workers] = [await open("api"), await open("worker"), await open("worker")];
  after(async () => {
    await Promise.all([api, ...workers].map((each) => each.stop()));
    await sql.end();
  });
  for (;;) {
    const [row] = await sql<{ count: string }[]>`select count(*) from homes`;
    if (row?.count === "3") break;
  }
  const run = async (): Promise<void> => {
    const { name } = await api.start(method, {});
    await api.wait(name);
  };
  return { api, method, run, claims, sql };
}

test("an operation that is started alone costs one claim, and no unsuccessful one", async () => {
  const { run, claims } = await aFleet(() => {}, 8);
  // By then the process that came last is known.
  for (let each = 0; each < 5; each++) await run();
  claims.length = 0;
  const began = systemClock.monotonic();
  const starts = 40;
  for (let each = 0; each < starts; each++) await run();
  const took = claims.filter((count) => count > 0).length;
  assert.ok(took <= starts, `${took} claims took something`);
  // Both workers claim now and then, whatever they are told.
  const rounds = (systemClock.monotonic() - began) / (LIMITS.claimIntervalMs * (3 / 4));
  const others = claims.length - took - Math.ceil(2 * rounds);
  assert.ok(others <= starts / 4, `${others} claims took nothing`);
});

test("work whose owner is full begins elsewhere", async () => {
  let running = 0;
  const both = Promise.withResolvers<void>();
  const { api, method } = await aFleet(() => {
    if (++running === 2) both.resolve();
    // Neither ends before both have begun.
    return both.promise;
  }, 1);
  const operations = [await api.start(method, {}), await api.start(method, {})];
  for (const { name } of operations) await api.wait(name);
});

test("work whose owner was killed a moment ago begins within about a second", async () => {
  const { run, sql } = await aFleet(() => {}, 8);
  // Simulates so many killed processes that they own nearly all shards.
  await sql`
    insert into homes (name, methods, seen_time)
    select 'killed' || n, '["work"]', floor(extract(epoch from now()) * 1000) from generate_series(1, 50) n`;
  await sql`select pg_notify('longrunning_ends_public', '{"s":"killed","h":1}')`;
  await run();
  await Promise.all(Array.from({ length: 20 }, run));
  const [row] = await sql<{ late: number }[]>`
    select max(start_time - create_time)::integer as late from operations where state = 'SUCCEEDED'`;
  assert.ok((row?.late ?? Infinity) <= LATE_MS_MAX, `began after ${row?.late} ms`);
});
