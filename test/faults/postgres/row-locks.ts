import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import type postgres from "postgres";
import { shardOfRequest, shardOfText } from "../../../src/core/operation/id.ts";
import { keyText } from "../../../src/store/postgres/places.ts";
import type { Fault } from "../fault.ts";
import type { Load } from "../load.ts";
import { administrator } from "./administrator.ts";

/**
 * The expected rate, relative to the rate before: other operations continue as if nothing were
 * locked.
 */
const INNOCENT_RATIO_MIN = 0.9;
const PARENT = "projects/locks";
const KEY = { method: "queueOne", key: "a" } as const;

/**
 * A transaction of another client stays open: it has locked a running operation, a blocked
 * operation and the row of a key, and has inserted a request id. Operations that need none of these
 * continue.
 */
export const rowLocks: Fault = {
  name: "row-locks",
  stores: ["postgres", "citus"],
  run: (bench) =>
    bench.course({}, async ({ cluster, load, before }) => {
      const sql = administrator(cluster.store);
      const requestId = randomUUID();
      try {
        const holder = await sql.reserve();
        await holder`begin`;
        const rows = await lockOperations(holder);
        await lockKey(holder);
        await takeRequestId(holder, requestId);
        const started = start(load, requestId);
        const rate = await load.measureAgain(bench.isLong ? 15_000 : 5_000, INNOCENT_RATIO_MIN * before);
        await holder`rollback`;
        holder.release();
        await started;
        const ratio = rate / before;
        const most = `${rate.toFixed(1)}/s while rows were locked, ${before.toFixed(1)}/s before`;
        assert.ok(ratio >= INNOCENT_RATIO_MIN, `others waited for a lock that is not theirs: ${most}`);
        return { "operations locked": rows, "ratio while locked": ratio.toFixed(2) };
      } finally {
        await sql.end({ timeout: 1 });
      }
    }),
};

/** A running operation, and one that waits for a place of a key that is not locked. */
async function lockOperations(holder: postgres.ReservedSql): Promise<number> {
  const running = await holder`
    select shard, id from operations where method = 'work' and state = 'RUNNING' limit 1`;
  const waiting = await holder`
    select shard, id from operations where blocked and parallel_key <> ${KEY.key} limit 1`;
  let locked = 0;
  for (const { shard, id } of [...running, ...waiting] as { shard: number; id: string }[]) {
    const rows = await holder`
      select id from operations where shard = ${shard} and id = ${id} for update`;
    locked += rows.length;
  }
  return locked;
}

async function lockKey(holder: postgres.ReservedSql): Promise<void> {
  await holder`
    insert into parallel_keys (shard, method, key) values (${shardOfText(keyText(KEY))}, ${KEY.method}, ${KEY.key})
    on conflict (shard, method, key) do update set turn = parallel_keys.turn`;
}

/** As a start does that is about to commit. */
async function takeRequestId(holder: postgres.ReservedSql, requestId: string): Promise<void> {
  const shard = shardOfRequest(PARENT, "work", requestId);
  const own = { id: randomUUID(), shard, parent: PARENT, request_id: requestId };
  const [other] = await holder`select to_jsonb(o) as json from operations o where method = 'work' limit 1`;
  const row = holder.json({ ...(other?.["json"] as object), ...own });
  await holder`insert into operations select (jsonb_populate_record(null::operations, ${row})).*`;
}

/** Starts with the request id that is taken until the start is acknowledged, and sees the end. */
async function start(load: Load, requestId: string): Promise<void> {
  for (;;) {
    const answer = await load.calls.call(
      { verb: "start", subject: PARENT, text: requestId },
      {
        url: load.url(),
        method: "POST",
        path: `v1/${PARENT}:work?requestId=${requestId}`,
        body: { text: requestId, durationMs: 1 },
      },
    );
    if (answer.kind !== "operation") continue;
    await load.done(answer.operation.name, "wait");
    return;
  }
}
