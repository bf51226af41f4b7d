import assert from "node:assert/strict";
import { test } from "node:test";
import type { State } from "../../core/operation/operation.ts";
import { CONDITIONS, type ScanKind } from "../list/statements.ts";
import { aMigratedAddress, open } from "./a-database.suite.ts";
import { branchesOf, countText, keysText, PARENT_LIKE, windowText } from "./statements-list.ts";

// On an empty table any other plan is cheaper; these tests only check whether the index can serve
// the list.
const database = open(`${await aMigratedAddress()}?enable_seqscan=off&enable_bitmapscan=off&enable_sort=off`);

const ID = "0199c000-0000-7000-8000-000000000001";
/** The parameters of one branch: the parent and two keys, or the method before each key. */
const PARAMETERS: Readonly<Record<ScanKind, readonly string[]>> = {
  list: ["p", ID, ID],
  state: ["p", ID, ID],
  id: [ID, ID],
  end: ["p", "5", ID, "5", ID],
  failures: ["createArchive", ID, "createArchive", ID],
};

/** The plan of a text with values in place of its parameters, and without other indexes. */
async function planOf(indexes: readonly string[], text: string, values: readonly string[]): Promise<string> {
  const whole = text.replaceAll(/\$(\d+)/g, (_, number: string) => `'${values[Number(number) - 1] ?? ""}'`);
  const undo = new Error("the indexes stay");
  let plan = "";
  const planning = database.transaction(async (query) => {
    const rows = await query(
      "select indexrelid::regclass::text from pg_index where indrelid = 'operations'::regclass",
    );
    for (const other of rows.map(([name]) => String(name)).filter((name) => !indexes.includes(name))) {
      const isKey = other === "operations_pkey";
      await query(isKey ? `alter table operations drop constraint ${other}` : `drop index ${other}`);
    }
    plan = (await query(`explain ${whole}`)).map(([line]) => String(line)).join("\n");
    throw undo;
  });
  await assert.rejects(planning, undo);
  return plan;
}

/** The possible states of a scan by state. */
const STATES: readonly (readonly State[])[] = [
  ["PENDING"],
  ["RUNNING"],
  ["PENDING", "RUNNING", "FAILED", "CANCELLED"],
];
const READ: Readonly<Record<ScanKind, readonly (readonly string[])[]>> = {
  list: [["operations_pending", "operations_runs", "operations_done"]],
  state: [
    ["operations_pending"],
    ["operations_runs"],
    ["operations_pending", "operations_runs", "operations_unsuccessful", "operations_unsuccessful"],
  ],
  id: [["operations_pkey"]],
  end: [["operations_ends"]],
  failures: [["operations_failures"], ["operations_failures", "operations_failures"]],
};
/** The possible states of a scan of failures. */
const FAILURES: readonly (readonly State[])[] = [["FAILED"], ["FAILED", "CANCELLED"]];

function statesOf(kind: ScanKind, number: number): readonly State[] {
  return (kind === "state" ? STATES : kind === "failures" ? FAILURES : [])[number] ?? [];
}

for (const kind of Object.keys(PARAMETERS) as ScanKind[]) {
  test(`a scan by ${kind} reads its indexes in order, and sorts nothing but ids of one end time`, async () => {
    for (const descending of [true, false]) {
      for (const [number, indexes] of READ[kind].entries()) {
        const text = { scan: kind, states: statesOf(kind, number), descending };
        assert.deepEqual(
          branchesOf(text).map(({ index }) => index),
          indexes,
        );
        const keys = await planOf(
          indexes,
          keysText({ ...text, condition: CONDITIONS.method("=") }, 9),
          indexes.flatMap(() => [...PARAMETERS[kind], "createArchive"]),
        );
        const window = await planOf(
          indexes,
          windowText(text, 10),
          indexes.flatMap(() => PARAMETERS[kind]),
        );
        const count = await planOf(
          indexes,
          countText(text),
          indexes.flatMap(() => PARAMETERS[kind]),
        );
        for (const plan of [keys, window, count]) {
          const direction = kind === "failures" ? "(?: Backward)?" : descending ? " Backward" : "";
          const scans = plan.matchAll(new RegExp(`Index (?:Only )?Scan${direction} using (\\w+) `, "g"));
          assert.deepEqual(
            Array.from(scans, ([, name]) => name),
            indexes,
            plan,
          );
          // Failures are limited before they are sorted, in their own order.
          const isCut = kind === "failures" && plan !== count;
          assert.equal(/Limit.*\n.*using operations_failures/.test(plan), isCut, plan);
          if (kind !== "failures") assert.doesNotMatch(plan, /(?<!Incremental )Sort {2}\(|Disabled/, plan);
          assert.doesNotMatch(plan, /Seq Scan/, plan);
          assert.equal(plan.includes("Incremental Sort"), kind === "end", plan);
        }
      }
    }
  });
}

test("every condition is SQL, and `not` inverts it", async () => {
  const all = [
    CONDITIONS.always,
    CONDITIONS.never,
    CONDITIONS.state(2),
    CONDITIONS.method("="),
    CONDITIONS.target("<>"),
    CONDITIONS.attempt(">="),
    CONDITIONS.time("end_time", "<"),
    CONDITIONS.has("cancel_time"),
    PARENT_LIKE,
  ];
  const condition = CONDITIONS.not(CONDITIONS.any([CONDITIONS.all(all), CONDITIONS.not(CONDITIONS.never)]));
  const values = [ID, ID, "PENDING", "RUNNING", "m", "t", "1", "5", "p/%"];
  const text = keysText({ scan: "id", states: [], descending: true, condition }, 9);
  assert.deepEqual([...(await database.query(text, values))], []);
});

test("parameters are numbered in the order of the text", () => {
  const text = windowText({ scan: "state", states: ["PENDING", "RUNNING"], descending: false }, 10);
  assert.deepEqual(
    text.match(/\$\d+/g),
    Array.from({ length: 6 }, (_, index) => `$${index + 1}`),
  );
});
