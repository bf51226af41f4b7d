import assert from "node:assert/strict";
import type { AskedRequest, Expected } from "./expected.ts";
import { byTurn, Oracle } from "./oracle.ts";
import { isOfTenant } from "./turns.ts";

/**
 * The oracle of a store with sharded tables (decision 0044). The order of claims holds within a
 * shard, and the order of the shards is open; a request id counts within its key.
 */
export class ShardedOracle extends Oracle {
  override byRequest(asked: AskedRequest): Expected | undefined {
    if (asked.requestId === undefined) return undefined;
    // "a" and "b", the keys of the model, are on two different shards.
    return [...this.kept.values()].find(
      (each) =>
        each.parent === asked.parent &&
        each.method === asked.method &&
        each.requestId === asked.requestId &&
        each.parallelKey === asked.parallelKey,
    );
  }

  /** Claims the operations of an answer, if the answer is allowed. */
  override claim(
    wanted: ReadonlyMap<string, number>,
    limit: number,
    lease: { worker: string; leaseMs: number },
    answered: ReadonlySet<string>,
  ) {
    const pending = this.claimable(wanted);
    const available = pending.filter(({ availableTime }) => availableTime <= this.now);
    const claimed = available.filter(({ id }) => answered.has(id));
    assert.equal(claimed.length, answered.size, "only what is available is claimed");
    const room = (method: string): number =>
      (wanted.get(method) ?? 0) - claimed.filter((each) => each.method === method).length;
    assert.ok(claimed.every(({ method }) => room(method) >= 0));
    // Within a priority, tenants take turns.
    const isBefore = (one: Expected, other: Expected): boolean =>
      byTurn(one, other) < 0 || (one.priority === other.priority && available.some(isOfTenant));
    const left = available.filter(({ id }) => !answered.has(id));
    const isFull = claimed.length >= limit;
    assert.ok(isFull || left.every(({ method }) => room(method) === 0), "as much as there is room for");
    for (const each of left.filter(({ method }) => room(method) > 0))
      for (const taken of claimed.filter(({ id }) => shardOf(id) === shardOf(each.id)))
        assert.ok(isBefore(taken, each), "in the order of claims within a shard");
    for (const each of claimed) this.run(each, lease);
    const waiting = pending.filter(({ id }) => !answered.has(id)).map((each) => each.availableTime);
    // A worker that got as many as it wanted asks again, and is not told when.
    return { claimed, nextTime: isFull ? undefined : waiting.length === 0 ? null : Math.min(...waiting) };
  }
}

/** The last six bits of an id. */
function shardOf(id: string): number {
  return Number.parseInt(id.slice(-2), 16) % 64;
}
