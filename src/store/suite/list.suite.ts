import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { collectionOf, includesParent, narrowedTo } from "../../core/operation/collection.ts";
import { compileFilter } from "../../core/filter/check.ts";
import { matches } from "../../core/filter/matches.ts";
import { type ListOrder, listOrderOf, type ListPosition } from "../../core/list/order.ts";
import type { Operation } from "../../core/operation/operation.ts";
import { STRUCT } from "../../core/operation/payload.ts";
import type { Store } from "../../core/ports/store.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { anyFilter } from "./filters.suite.ts";
import { anyRecord } from "./records.suite.ts";
import { rowPages } from "./rows.suite.ts";
import { aFinishedOperation, aRunningOperation, onStore, put, type StoreSubject } from "./subject.suite.ts";

interface Asked {
  readonly parent?: string;
  readonly filter?: string;
  readonly orderBy?: string;
  readonly limit?: number;
  readonly within?: readonly string[] | undefined;
  readonly content?: "WHOLE" | "SHOWN";
}

/** All pages of a list. */
async function pages(store: Store, asked: Asked): Promise<readonly (readonly Operation[])[]> {
  const found: (readonly Operation[])[] = [];
  let after: ListPosition | null = null;
  do {
    const answer = await store.list({ ...queryOf(asked), after });
    found.push(answer.operations);
    after = answer.next;
  } while (after !== null);
  return found;
}

function queryOf({ parent = "", filter = "", orderBy = "", limit = 100, within, content = "WHOLE" }: Asked) {
  return {
    content,
    collection: narrowedTo(collectionOf(parent), within),
    filter: compileFilter(filter) ?? null,
    order: listOrderOf(orderBy),
    limit,
  };
}

const idsOf = (operations: readonly Operation[]): string[] => operations.map((each) => each.id);

/** Compares two operations in the order of a list. */
function compare(order: ListOrder, a: Operation, b: Operation): number {
  const direction = order.descending ? -1 : 1;
  const ends = (a.endTime ?? Number.MAX_SAFE_INTEGER) - (b.endTime ?? Number.MAX_SAFE_INTEGER);
  if (order.by === "endTime" && ends !== 0) return direction * ends;
  return direction * (a.id < b.id ? -1 : Number(a.id > b.id));
}

/** The expected result of `list`, from `matches` and `compare` alone. */
function expected(operations: readonly Operation[], asked: Asked): readonly string[] {
  const { collection, filter, order } = queryOf(asked);
  const found = operations.filter(
    (each) => includesParent(collection, each.parent) && (filter === null || matches(filter, each)),
  );
  return idsOf(found.toSorted((a, b) => compare(order, a, b)));
}

/** `list` pages through the operations that match a filter. */
export function listSuite(subject: StoreSubject): void {
  test(
    "list() pages through the operations of one parent, newest first",
    onStore(subject, async ({ store }) => {
      const operations = Array.from({ length: 7 }, (_, index) =>
        anOperation({ parent: index === 3 ? "q" : "p" }),
      );
      await put(store, ...operations);
      const found = await pages(store, { parent: "p", limit: 4 });
      assert.deepEqual(found.map(idsOf), [
        expected(operations, { parent: "p" }).slice(0, 4),
        expected(operations, { parent: "p" }).slice(4),
      ]);
      assert.deepEqual(await pages(store, { parent: "nobody" }), [[]]);
      assert.equal((await pages(store, { parent: "p", limit: 6 })).length, 1);
    }),
  );

  test(
    "list() goes through every collection that matches a wildcard",
    onStore(subject, async ({ store }) => {
      const parents = [
        "",
        "projects/p",
        "projects/p/locations/l",
        "projects/q/locations/l",
        "a*b/c",
        "axb/c",
      ];
      const operations = parents.map((parent) => anOperation({ parent }));
      await put(store, ...operations);
      for (const parent of ["-", "projects/-", "projects/-/locations/l", "projects/p/-/-", "a*b/-"]) {
        const found = (await pages(store, { parent, limit: 2 })).flat();
        assert.deepEqual(idsOf(found), expected(operations, { parent }), parent);
      }
    }),
  );

  test(
    "list() in the order of the end treats unfinished operations as ending some day",
    onStore(subject, async ({ store }) => {
      const ended = [2, 1, 1].map((day) => ({ ...aFinishedOperation(), endTime: Date.UTC(2026, 0, day) }));
      const operations = [...ended, anOperation()];
      await put(store, ...operations);
      const order = async (orderBy: string): Promise<string> => {
        const found = idsOf((await pages(store, { orderBy, limit: 3 })).flat());
        return found.map((id) => "abcd"[idsOf(operations).indexOf(id)]).join("");
      };
      assert.equal(await order("endTime"), "bcad");
      assert.equal(await order("endTime desc"), "dacb");
      assert.equal(await order("createTime"), "abcd");
      assert.equal(await order(""), "dcba");
    }),
  );

  test(
    "list() keeps a page below its limit of bytes",
    { skip: subject.seals !== undefined && "what is sealed has more bytes" },
    onStore(subject, async ({ store }) => {
      const metadata = { type: STRUCT, json: `{"a":"${"x".repeat(1_000_000)}"}` };
      const operations = Array.from({ length: 5 }, () => anOperation({ metadata }));
      await put(store, ...operations);
      const found = await pages(store, {});
      assert.deepEqual(
        found.map((each) => each.length),
        [3, 2],
      );
    }),
  );

  test(
    "list() leaves out what no answer shows where it is asked to, and counts what it reads",
    { skip: subject.seals !== undefined && "what is sealed has more bytes" },
    onStore(subject, async ({ store }) => {
      const request = `"${"x".repeat(2_000_000)}"`;
      const details = [{ "@type": "t", text: "x".repeat(60_000) }];
      const error = { code: "ABORTED", message: "no", details } as const;
      const aFailed = (parent = ""): Operation => ({
        ...aFinishedOperation({ parent }),
        state: "FAILED",
        response: null,
        error,
      });
      const attempt = {
        number: 1,
        worker: "w",
        beginTime: 1,
        endTime: 2,
        how: "failed",
        code: null,
      } as const;
      const more = {
        exception: "Error: no",
        traceContext: "00-a-b-01",
        attempts: [{ ...attempt, message: "no" }],
      };
      const failed = Array.from({ length: 2 }, () => ({ ...aFailed(), request, ...more }));
      await put(store, ...failed);
      const newestFirst = failed.toReversed();
      assert.deepEqual(
        await pages(store, {}),
        newestFirst.map((each) => [each]),
      );
      const none = { request: "", exception: null, traceContext: null, attempts: [] };
      const shown = newestFirst.map((each) => ({ ...each, ...none }));
      assert.deepEqual(await pages(store, { content: "SHOWN" }), [shown]);
      const many = Array.from({ length: 60 }, () => aFailed("p"));
      await put(store, ...many);
      const sizes = (await pages(store, { parent: "p", content: "SHOWN" })).map((each) => each.length);
      assert.deepEqual(sizes, [52, 8], "errors count");
    }),
  );

  test(
    "list() continues from its place, whatever happened to the last operation of the page",
    onStore(subject, async ({ store }) => {
      const operations = [1, 2, 3].map((each) => ({
        ...aFinishedOperation(),
        endTime: Date.UTC(2026, 0, each),
      }));
      await put(store, ...operations, anOperation(), aRunningOperation(1));
      for (const orderBy of ["", "createTime", "endTime", "endTime desc"]) {
        const query = { ...queryOf({ orderBy }), limit: 2, after: null };
        const first = await store.list(query);
        const [, last] = first.operations;
        assert.ok(last);
        await store.write({ verb: "remove", id: last.id, parent: "" });
        const rest = await store.list({ ...query, limit: 9, after: first.next });
        assert.equal(first.operations.length + rest.operations.length, 5, orderBy);
        await put(store, last);
      }
    }),
  );

  test(
    "list() finds what the filter matches, in the requested order, for any filter, records and pages",
    onStore(subject, async ({ store, clock }) => {
      const numRuns = subject.listRuns ?? 200;
      const parents = ["projects/p", "projects/q", "projects/p/locations/l"];
      const drawn = fc.record({
        record: anyRecord(clock.now(), ["createArchive", "deleteArchive"]),
        parent: fc.constantFrom(...parents),
        target: fc.constantFrom("", "directories/a", "directories/b"),
        report: fc.constantFrom(
          null,
          '{"a":{"b":[1,"x"]},"count":2}',
          '{"count":"10","time":"2026-01-01T00:00:00Z"}',
        ),
      });
      const kept = fc.sample(drawn, { numRuns: 300, seed: 7 }).map(({ record, parent, target, report }) => ({
        ...record,
        parent,
        target,
        metadata: report === null ? record.metadata : { type: STRUCT, json: report },
      }));
      await put(store, ...kept);
      const asked = fc.record({
        parent: fc.constantFrom(...parents, "projects/-", "projects/-/locations/l", "-"),
        filter: anyFilter(clock.now(), kept).filter((text) => subject.seals?.answers(text) ?? true),
        orderBy: fc.constantFrom("", "createTime", "endTime", "endTime desc"),
        limit: fc.integer({ min: 1, max: 60 }),
        within: fc.option(fc.subarray([...parents, "projects", "project"]), { nil: undefined, freq: 3 }),
      });
      let found = 0;
      await fc.assert(
        fc.asyncProperty(asked, async (each) => {
          const isWide = collectionOf(each.parent).isWide;
          const query = isWide && each.orderBy.startsWith("endTime") ? { ...each, orderBy: "" } : each;
          const got = idsOf((await pages(store, query)).flat());
          assert.deepEqual(got, expected(kept, query));
          const rows = await rowPages(store, query);
          assert.deepEqual(
            rows.flatMap((page) => page.rows.map(({ id }) => id)),
            got,
          );
          const looked = rows.reduce((sum, { lookedAt }) => sum + lookedAt, 0);
          assert.ok(got.length <= looked && looked <= kept.length * rows.length, `looked at ${looked}`);
          found += got.length === 0 || got.length === kept.length ? 0 : 1;
        }),
        { numRuns },
      );
      assert.ok(found > numRuns / 4, "most filters that were drawn tell operations apart");
    }),
  );
}
