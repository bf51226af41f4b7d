import assert from "node:assert/strict";
import { after } from "node:test";
import { StatementProxy, type StopPoint } from "../../../test/support/statement-proxy.ts";
import { systemClock } from "../../core/ports/clock.ts";
import type { Operation } from "../../core/operation/operation.ts";
import type { ClaimAnswer, Command, Store } from "../../core/ports/store.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { openStore } from "../open.ts";
import { aFinishedOperation, aRunningOperation, insertOf, put } from "../suite/subject.suite.ts";
import { aMigratedAddress, open, queryOf, server } from "./a-database.suite.ts";

/** The operations in a scene. All are of one method, and may be claimed, ended and removed. */
export type Role = "holder" | "second" | "third" | "other" | "otherSecond" | "free" | "running" | "expired";
export type Cast = Readonly<Record<Role, Operation>>;

/** The commands that one of the two stores gives in one turn. */
export type Act = (cast: Cast) => readonly Command[];

/** Two acts, and the operations that they need. */
export interface Meeting {
  readonly acts: readonly [stopped: Act, meanwhile: Act];
  readonly roles: readonly Role[];
}

/** The point at which the first store is stopped. */
export interface Place {
  readonly number: number;
  readonly point: StopPoint;
}

/**
 * The result of a meeting, with roles instead of ids and without times, so that equal courses give
 * equal results.
 */
export interface Outcome {
  readonly answers: readonly [first: unknown, second: unknown];
  /** The remaining records and keys, after everything claimable was claimed. */
  readonly left: unknown;
}

const ONE = { limit: 1, when: "queue" } as const;

const proxy = new StatementProxy(server.port);
after(() => proxy[Symbol.asyncDispose]());
const address = await aMigratedAddress();
const query = queryOf(open(address, { connections: 2 }));
const postgres = { listen: false } as const;
/** Claims that seem to take no time always scan everything. */
const clock = { ...systemClock, monotonic: () => 0 };
/** The store that is stopped, and the one that continues meanwhile. */
const first = await openStore(await proxy.listen(address), {
  clock,
  keepsLeases: false,
  postgres: { ...postgres, connections: 1 },
});
const second = await openStore(address, {
  clock,
  keepsLeases: false,
  postgres: { ...postgres, connections: 3 },
});
after(() => Promise.all([first.close(), second.close()]));

let scenes = 0;

/**
 * Two queues, and one operation each that is pending, running and expired. Only those of `roles`
 * are stored.
 */
async function aCast(roles: readonly Role[]): Promise<Cast> {
  const method = `method-${++scenes}`;
  const createTime = systemClock.now();
  const of = (fields: Partial<Operation> = {}): Operation => anOperation({ method, createTime, ...fields });
  const cast: Cast = {
    holder: of({ parallelKey: "k" }),
    second: of({ parallelKey: "k" }),
    third: of({ parallelKey: "k" }),
    other: of({ parallelKey: "l" }),
    otherSecond: of({ parallelKey: "l" }),
    free: of({ requestId: "known" }),
    running: aRunningOperation(createTime + 60_000, { method, createTime }),
    expired: aFinishedOperation({ method, createTime: 1, timeToLiveMs: 0 }),
  };
  await Promise.all(
    roles.map((role) =>
      role === "expired" ? put(second, cast.expired) : second.write(insertOf(cast[role], ONE)),
    ),
  );
  const blocked = { blocked: true } as const;
  return {
    ...cast,
    second: { ...cast.second, ...blocked },
    third: { ...cast.third, ...blocked },
    otherSecond: { ...cast.otherSecond, ...blocked },
  };
}

/** The next scene must find nothing of this one. */
async function clear({ holder: { method } }: Cast): Promise<void> {
  await query("delete from operations where method = $1", [method]);
}

const perform = (store: Store, act: Act, cast: Cast): Promise<readonly unknown[]> =>
  Promise.all(act(cast).map((command) => store.write(command)));

/**
 * Runs both acts in turn, the first one first. @returns the outcome, and the places where the first
 * can be stopped
 */
export async function inOrder({
  acts,
  roles,
}: Meeting): Promise<Outcome & { readonly stops: readonly Place[] }> {
  const cast = await aCast(roles);
  proxy.counted();
  const early = await perform(first, acts[0], cast);
  const counts = proxy.counted();
  const stops = (["answer", "commit"] as const).flatMap((point) =>
    Array.from({ length: counts[point] }, (_, index) => ({ point, number: index + 1 })),
  );
  return { ...(await outcome(cast, [early, await perform(second, acts[1], cast)])), stops };
}

/** Runs both acts in turn, the second one first. */
export async function reversed({ acts, roles }: Meeting): Promise<Outcome> {
  const cast = await aCast(roles);
  const late = await perform(second, acts[1], cast);
  return outcome(cast, [await perform(first, acts[0], cast), late]);
}

/**
 * Stops the first store after its nth statement, runs the second until it ends or waits for a lock,
 * and lets the first continue.
 */
export async function interleaved(
  { acts, roles }: Meeting,
  { number, point }: Place,
): Promise<Outcome & { readonly hasWaited: boolean }> {
  const cast = await aCast(roles);
  const stop = proxy.stop(number, point);
  const early = perform(first, acts[0], cast);
  await Promise.race([stop.reached, early]);
  let isOver = false;
  const late = perform(second, acts[1], cast).finally(() => (isOver = true));
  const hasWaited = await Promise.race([late.then(() => false), aLockIsWaitedFor(() => isOver)]);
  stop.release();
  return { ...(await outcome(cast, [await early, await late])), hasWaited };
}

/** Looks until a statement of this database waits for a lock, or all is over. @returns whether one waits */
async function aLockIsWaitedFor(isOver: () => boolean): Promise<boolean> {
  while (!isOver()) {
    const [row] = await query(`
      select count(*) from pg_locks join pg_stat_activity using (pid)
      where not granted and datname = current_database()`);
    if (Number(row?.[0]) > 0) return true;
  }
  return false;
}

/**
 * Claims everything claimable first, so that the result does not depend on which store left it to
 * the other.
 */
async function outcome(
  cast: Cast,
  answers: readonly [readonly unknown[], readonly unknown[]],
): Promise<Outcome> {
  const { method } = cast.holder;
  const wanted = [{ method, limit: 100 }];
  const claim = { verb: "claim", worker: "late", leaseMs: 60_000, limit: 100, wanted } as const;
  const late = await second.write(claim);
  const claimed = [...answers.flat(), late].flatMap((each) => (isClaim(each) ? each.operations : []));
  assert.equal(new Set(claimed.map(({ id }) => id)).size, claimed.length, "nothing is claimed twice");
  const rows = await query(
    `select id, state, blocked, revision, attempt, failed_attempts, metadata, request_id, parallel_key,
      lease_time > $2::bigint from operations where method = $1`,
    [method, cast.running.leaseTime],
  );
  const keys = await query("select key from parallel_keys where method = $1 order by key", [method]);
  for (const { id, attempt } of claimed) {
    const row = rows.find(([each]) => each === id);
    assert.ok(row === undefined || row[4] === attempt, "what is claimed is one attempt, as its record says");
  }
  await clear(cast);
  const roles = new Map(Object.entries(cast).map(([role, { id }]) => [id, role]));
  const told = (value: unknown): unknown => tell(value, roles);
  return {
    answers: [told(answers[0].map(withoutClaims)), told(answers[1].map(withoutClaims))],
    left: told({ rows: rows.map((row) => JSON.stringify(told(row))).toSorted(), keys }),
  };
}

function isClaim(answer: unknown): answer is ClaimAnswer {
  return typeof answer === "object" && answer !== null && "operations" in answer;
}

/**
 * The result of claims depends on the locks of others, and so does the number that a purge has
 * skipped.
 */
function withoutClaims(answer: unknown): unknown {
  if (isClaim(answer)) return "claimed";
  return typeof answer === "object" && answer !== null && "ids" in answer ? { ids: answer.ids } : answer;
}

/** Replaces ids by roles, and removes times. Unknown ids belong to new operations. */
function tell(value: unknown, roles: ReadonlyMap<string, string>): unknown {
  const text = JSON.stringify(value, (key, each: unknown) =>
    /(?:Time|workMs)$/.test(key) && each !== null ? "then" : each,
  );
  const told = text.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, (id) => roles.get(id) ?? "new");
  return JSON.parse(told.replaceAll(/method-\d+/g, "method"));
}
