import { RECORDS, ROWS } from "../list/gathered-page.ts";
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { collectionOf } from "../../core/operation/collection.ts";
import { compileFilter } from "../../core/filter/check.ts";
import { LIMITS } from "../../core/limits.ts";
import { listOrderOf } from "../../core/list/order.ts";
import type { Operation } from "../../core/operation/operation.ts";
import { STRUCT } from "../../core/operation/payload.ts";
import type { ListAnswer, ListQuery } from "../../core/ports/lists.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { ListLookup, ListStatements } from "./list-lookup.ts";
import { migrate } from "./schema.ts";
import { Writer } from "./writer.ts";

/** A database with records, and its statements. */
function filled(operations: readonly Operation[]): ListStatements {
  const database = new DatabaseSync(":memory:");
  migrate(database, 0);
  new Writer(database).run(
    operations.map((operation) => ({ verb: "insert", operation }) as const),
    0,
  );
  return new ListStatements(database);
}

function query(filter: string, fields: Partial<ListQuery> = {}): ListQuery {
  const compiled = compileFilter(filter) ?? null;
  return {
    collection: collectionOf(""),
    filter: compiled,
    order: listOrderOf(""),
    after: null,
    limit: 10,
    ...fields,
  };
}

/** A page, and the number of turns that it took. */
function page(statements: ListStatements, asked: ListQuery): { answer: ListAnswer; turns: number } {
  const lookup = new ListLookup(statements, asked, RECORDS);
  for (let turns = 1; ; turns++) {
    const answer = lookup.turn();
    if (answer !== undefined) return { answer: { ...answer, operations: answer.items }, turns };
  }
}

const MANY = LIMITS.listRowsExaminedMax + 500;
const many = filled(
  Array.from({ length: MANY }, (_, index) => anOperation({ target: index === 3 ? "needle" : "hay" })),
);

for (const filter of [
  "metadata.target = needle",
  "needle",
  'metadata.target = "nee*" AND done = false OR word',
]) {
  test(`a page examines at most ${LIMITS.listRowsExaminedMax} operations, and then ends early: ${filter}`, () => {
    const first = page(many, query(filter));
    assert.deepEqual(first.answer.operations, []);
    assert.equal(first.turns, LIMITS.listRowsExaminedMax / LIMITS.listRowsPerTurn);
    assert.ok(first.answer.next !== null);
    const second = page(many, query(filter, { after: first.answer.next }));
    assert.equal(second.answer.operations.length, 1);
    assert.equal(second.turns, 1);
    assert.equal(second.answer.next, null);
  });
}

test("a page ends as soon as it is full, and the next begins where it ended", () => {
  const asked = query("metadata.target = hay", { limit: 7 });
  const { answer, turns } = page(many, asked);
  assert.deepEqual([answer.operations.length, turns], [7, 1]);
  const next = page(many, { ...asked, after: answer.next }).answer.operations;
  assert.ok((next[0]?.id ?? "") < (answer.operations[6]?.id ?? ""));
});

test("windows have no gaps: every record is found once, over many turns and pages", () => {
  const seen = new Set<string>();
  let asked = query("NOT needle", { limit: 1_700, order: listOrderOf("createTime") });
  for (;;) {
    const { answer } = page(many, asked);
    for (const { id } of answer.operations) seen.add(id);
    if (answer.next === null) break;
    asked = { ...asked, after: answer.next };
  }
  assert.equal(seen.size, MANY - 1);
});

for (const [filter, expected] of [
  ["", MANY],
  ["NOT needle", MANY - 1],
] as const) {
  test(`a turn takes ${LIMITS.listTakenPerTurn} operations at most, and the page is the same: "${filter}"`, () => {
    const asked = { ...query(filter), limit: LIMITS.listRowsExaminedMax };
    const lookup = new ListLookup(many, asked, ROWS);
    let turns = 1;
    let answer = lookup.turn();
    for (; answer === undefined; turns++) answer = lookup.turn();
    const ids = answer.items.map(({ id }) => id);
    const rest = page(many, { ...asked, after: answer.next }).answer.operations.map(({ id }) => id);
    assert.equal(new Set([...ids, ...rest]).size, expected);
    assert.deepEqual(ids, ids.toSorted().toReversed());
    assert.equal(answer.lookedAt, LIMITS.listRowsExaminedMax);
    assert.ok(turns >= LIMITS.listRowsExaminedMax / LIMITS.listTakenPerTurn, `${turns} turns`);
  });
}

test("large payloads make turns and pages shorter", () => {
  const metadata = { type: STRUCT, json: `{"a":"${"x".repeat(1_000_000)}"}` };
  const statements = filled(Array.from({ length: 80 }, () => anOperation({ metadata })));
  const { answer, turns } = page(statements, query("needle"));
  assert.deepEqual(answer.operations, []);
  assert.ok(answer.next !== null);
  assert.ok(turns > 10, `${turns} turns`);
  const costly = page(statements, query("a1 OR a2 OR a3 OR a4"));
  assert.ok((costly.answer.next?.id ?? "") > answer.next.id, "more words, fewer records");
  assert.notEqual(page(statements, query("needle", { after: answer.next })).answer.next, answer.next);
});

test("statements are cached for the most recent shapes, up to the limit", () => {
  const statements = new ListStatements(new DatabaseSync(":memory:"));
  const first = statements.get("select 0");
  assert.equal(statements.get("select 0"), first);
  for (let index = 1; index <= LIMITS.listStatementsMax; index++) statements.get(`select ${index}`);
  assert.notEqual(statements.get("select 0"), first);
});

test("the newest failure of a method with few is one seek, over all parents, in a store of any size", () => {
  const failures = Array.from({ length: 3_000 }, (_, index) =>
    anOperation({
      method: index === 7 ? "rare" : "common",
      parent: `projects/p${index % 9}`,
      state: "FAILED",
      error: { code: "ABORTED", message: "no", details: [] },
      endTime: 1,
      expireTime: 2,
    }),
  );
  const statements = filled(failures);
  const asked = query("metadata.state = FAILED AND metadata.verb = rare", { collection: collectionOf("-") });
  const { answer, turns } = page(statements, asked);
  assert.deepEqual(
    answer.operations.map(({ id }) => id),
    [failures[7]?.id],
  );
  assert.equal(turns, 1);
  assert.equal(answer.next, null);
});
