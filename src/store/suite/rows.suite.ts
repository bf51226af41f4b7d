import assert from "node:assert/strict";
import { test } from "node:test";
import { compileFilter } from "../../core/filter/check.ts";
import { LIMITS } from "../../core/limits.ts";
import { type OperationRow, rowOf } from "../../core/list/operation-row.ts";
import { listOrderOf, type ListPosition } from "../../core/list/order.ts";
import { collectionOf, narrowedTo } from "../../core/operation/collection.ts";
import type { Operation } from "../../core/operation/operation.ts";
import { STRUCT } from "../../core/operation/payload.ts";
import type { ListQuery, RowsAnswer } from "../../core/ports/lists.ts";
import type { Store } from "../../core/ports/store.ts";
import { anOperation } from "../../testing/an-operation.ts";
import {
  after,
  aFinishedOperation,
  aRunningOperation,
  onStore,
  put,
  type StoreSubject,
} from "./subject.suite.ts";

interface Asked {
  readonly parent?: string;
  readonly filter?: string;
  readonly orderBy?: string;
  readonly limit?: number;
  readonly after?: ListPosition | null;
  readonly within?: readonly string[] | undefined;
}

function queryOf({
  parent = "-",
  filter = "",
  orderBy = "",
  limit = 100,
  after: from = null,
  within,
}: Asked): ListQuery {
  const [collection, order] = [narrowedTo(collectionOf(parent), within), listOrderOf(orderBy)];
  return { collection, filter: compileFilter(filter) ?? null, order, limit, after: from };
}

/** All pages of a list of rows. */
export async function rowPages(store: Store, asked: Asked): Promise<readonly RowsAnswer[]> {
  const found: RowsAnswer[] = [];
  let from: ListPosition | null = null;
  do {
    const answer: RowsAnswer = await store.rows(queryOf({ ...asked, after: from }));
    found.push(answer);
    from = answer.next;
  } while (from !== null);
  return found;
}

/** The operation after its first attempt failed. */
function failed(fields: Partial<Operation>, message = "No room."): Operation {
  const { id, createTime: now, ...running } = aRunningOperation(Number.MAX_SAFE_INTEGER, fields);
  const error = { code: "UNAVAILABLE", message, details: [{ "@type": "a.B", text: "x" }] } as const;
  const event = { type: "fail", now, attempt: 1, error, exception: "boom", retryTime: null } as const;
  return after({ ...running, id, createTime: now }, event);
}

/** The progress and error of a row. */
function told(row: OperationRow | undefined): readonly unknown[] {
  return [row?.progressPercent, row?.message, row?.errorCode, row?.worker];
}

/** `rows` returns the same operations as `list`, without payloads. */
export function rowsSuite(subject: StoreSubject): void {
  test(
    "rows() returns everything about each operation that does not need its payloads",
    onStore(subject, async ({ store }) => {
      const large = JSON.stringify({ first: "x".repeat(LIMITS.rowTextMax), progressPercent: 5 });
      const json = JSON.stringify({
        progressPercent: 62.5,
        statusMessage: "Copying\nmore",
        rest: "y".repeat(50_000),
      });
      const kept = [
        anOperation({ method: "m", parent: "p", target: "t", priority: 3, request: '{"a":1}' }),
        aRunningOperation(9, { method: "m", metadata: { type: STRUCT, json }, cancelTime: 8 }),
        aRunningOperation(9, { method: "m", metadata: { type: STRUCT, json: large } }),
        aFinishedOperation({ method: "m" }),
        failed({ method: "m" }),
        failed({ method: "m" }, "\u0001é\\".repeat(LIMITS.rowTextMax)),
        { ...failed({ method: "m" }), exception: null },
        { ...failed({ method: "m" }), exception: `Error: ${"é𝒷".repeat(LIMITS.rowExceptionMax)}` },
      ];
      await put(store, ...kept);
      const { rows, next, lookedAt } = await store.rows(queryOf({ orderBy: "createTime" }));
      assert.deepEqual(rows, kept.map(rowOf));
      assert.deepEqual([next, lookedAt], [null, kept.length]);
      assert.deepEqual(told(rows[1]), [62.5, "Copying", null, "worker-1"]);
      assert.deepEqual(told(rows[2]), [null, "", null, "worker-1"]);
      assert.deepEqual(told(rows[4]), [null, "boom", "UNAVAILABLE", "worker-1"]);
      assert.equal(rows[5]?.message, "boom");
      assert.deepEqual(told(rows[6]), [null, "No room.", "UNAVAILABLE", "worker-1"]);
      assert.equal(rows[7]?.message.length, LIMITS.rowMessageLengthMax);
      assert.equal(rows[1]?.cancelRequested, true);
    }),
  );

  test(
    "rows() evaluates filters on payloads and errors like list()",
    onStore(subject, async ({ store }) => {
      const metadata = { type: STRUCT, json: '{"disk":"a","progressPercent":7}' };
      const kept = [
        aRunningOperation(9, { metadata }),
        aFinishedOperation(),
        failed({ method: "m" }),
        failed({ method: "n", parent: "q" }, "Away."),
      ];
      await put(store, ...kept);
      for (const filter of [
        "metadata.disk = a",
        "response.path = /a",
        "error.code = UNAVAILABLE",
        'error.message = "Away."',
        "error.details.text:x",
        "response:*",
        "NOT metadata:disk",
        "away",
        "metadata.state = FAILED AND metadata.verb = m",
        "metadata.state = FAILED AND metadata.verb = n AND error.message:Away",
        "metadata.@type:Struct",
      ].filter((text) => subject.seals?.answers(text) ?? true))
        for (const parent of ["-", "q"]) {
          const { operations } = await store.list(queryOf({ filter, parent }));
          const { rows } = await store.rows(queryOf({ filter, parent }));
          assert.deepEqual(rows, operations.map(rowOf), `${filter} in ${parent}`);
        }
    }),
  );

  test(
    "rows() counts the examined records exactly, wherever the pages end",
    onStore(subject, async ({ store }) => {
      const kept = Array.from({ length: 25 }, (_, index) =>
        index % 5 === 0
          ? aFinishedOperation({ target: "t" })
          : anOperation({ target: index === 24 ? "t" : "" }),
      );
      await put(store, ...kept);
      for (const orderBy of ["", "createTime", "endTime", "endTime desc"])
        for (const limit of [1, 2, 3, 100]) {
          const parent = orderBy.startsWith("endTime") ? "" : "-";
          const all = await store.rows(queryOf({ parent, orderBy }));
          const places = all.rows.flatMap(({ target }, place) => (target === "t" ? [place] : []));
          const pages = await rowPages(store, { parent, orderBy, limit, filter: "metadata.target = t" });
          // A page continues until it has found one operation more than fits; the next page begins
          // after its last operation.
          const expected = pages.map((_, page) => {
            const begin = (places[page * limit - 1] ?? -1) + 1;
            return (places[(page + 1) * limit] ?? kept.length) - begin;
          });
          assert.deepEqual(
            pages.map(({ lookedAt }) => lookedAt),
            expected,
            `${orderBy} by ${limit}`,
          );
          assert.equal(pages.flatMap(({ rows }) => rows).length, places.length);
        }
    }),
  );

  test(
    "rows() finds the failures of a method over all parents without examining anything else",
    onStore(subject, async ({ store }) => {
      const others = Array.from({ length: 30 }, (_, index) =>
        index % 2 === 0 ? aFinishedOperation({ method: "m" }) : failed({ method: "other" }),
      );
      const [first, second, third] = ["p", "q/r", ""].map((parent) => failed({ method: "m", parent }));
      const cancelled = after(anOperation({ method: "m" }), { type: "cancel", now: Date.UTC(2026, 0, 1) });
      assert.ok(first !== undefined && second !== undefined && third !== undefined);
      await put(store, first, ...others, second, third, cancelled);
      const found = async (filter: string, asked: Asked = {}) => {
        const { rows, lookedAt } = await store.rows(queryOf({ filter, ...asked }));
        return [rows.map(({ id }) => id), lookedAt];
      };
      const failures = [third.id, second.id, first.id];
      assert.deepEqual(await found("metadata.state = FAILED AND metadata.verb = m"), [failures, 3]);
      assert.deepEqual(await found("error:* metadata.verb = m"), [[cancelled.id, ...failures], 4]);
      assert.deepEqual(await found("metadata.state = FAILED metadata.verb = none"), [[], 0]);
      const one = "metadata.state = FAILED metadata.verb = m";
      assert.deepEqual(await found(one, { limit: 2 }), [failures.slice(0, 2), 2]);
      assert.deepEqual(await found(one, { orderBy: "createTime" }), [failures.toReversed(), 3]);
      assert.deepEqual(await found(one, { parent: "q/-" }), [[second.id], 3]);
      assert.deepEqual(await found(`${one} error.code = UNAVAILABLE`), [failures, 3]);
      const two = "metadata.state = FAILED AND (metadata.verb = m OR metadata.verb = other)";
      assert.deepEqual(await found(two), [[...failures, ...failedIds(others)], 18]);
      const { operations } = await store.list(queryOf({ filter: one }));
      assert.deepEqual(
        operations.map(({ id }) => id),
        failures,
        "list() too",
      );
    }),
  );
}

const failedIds = (operations: readonly Operation[]): readonly string[] =>
  operations
    .filter(({ state }) => state === "FAILED")
    .map(({ id }) => id)
    .toReversed();
