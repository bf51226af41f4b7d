import assert from "node:assert/strict";
import { test } from "node:test";
import { silence } from "../../core/events.ts";
import type { LeaseNotice } from "../../core/ports/lease-keeper.ts";
import { Keeper } from "./keeper.ts";
import type { Round } from "./renewals.ts";

const LEASE_MS = 30_000;
const [a, b] = [
  { id: "a", attempt: 1 },
  { id: "b", attempt: 2 },
];

/** A keeper whose rounds the test delivers: at once, or when the keeper catches up. */
function aKeeper() {
  const orders: unknown[] = [];
  const unread: Round[] = [];
  const tellers: ((round: Round) => void)[] = [];
  const keeper = new Keeper({
    tell: silence,
    renewals: (hear) => {
      tellers.push(hear);
      return {
        keep: (lease, leaseMs) => void orders.push({ ...lease, leaseMs }),
        letGo: (lease) => void orders.push(lease),
        catchUp: () => unread.splice(0).forEach(hear),
        stop: () => void orders.push("stop"),
      };
    },
  });
  return { keeper, orders, unread, tell: (round: Round) => tellers[0]?.(round) };
}

test("renewedAt() includes rounds that nobody has read yet", () => {
  const { keeper, unread } = aKeeper();
  keeper.keep(a, LEASE_MS);
  keeper.keep(b, LEASE_MS);
  assert.equal(keeper.renewedAt(a), undefined);
  unread.push({ startedAt: 5, renewed: [a], notices: [] });
  assert.deepEqual([keeper.renewedAt(a), keeper.renewedAt(b)], [5, undefined]);
});

test("a lease that was released meanwhile is not reported, and its release is sent once", () => {
  const { keeper, orders, tell } = aKeeper();
  const heard: LeaseNotice[] = [];
  keeper.watch((notice) => void heard.push(notice));
  keeper.letGo(b);
  keeper.keep(a, LEASE_MS);
  keeper.keep(b, LEASE_MS);
  keeper.letGo(a);
  keeper.letGo(a);
  const notices = [a, b].map((lease) => ({ lease, event: "lost" }) as const);
  tell({ startedAt: 5, renewed: [a], notices });
  assert.equal(keeper.renewedAt(a), undefined);
  assert.deepEqual(heard, notices.slice(1));
  keeper.stop();
  assert.deepEqual(orders, [{ ...a, leaseMs: LEASE_MS }, { ...b, leaseMs: LEASE_MS }, a, "stop"]);
});
