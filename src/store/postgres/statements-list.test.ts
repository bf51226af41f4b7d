import assert from "node:assert/strict";
import { test } from "node:test";
import type { State } from "../../core/operation/operation.ts";
import { CONDITIONS, type ScanKind } from "../list/statements.ts";
import { aMigratedAddress, open } from "./a-database.suite.ts";
import { keysText, PARENT_LIKE, RUNNING, SCANS, windowText } from "./statements-list.ts";

// On an empty table everything else is cheaper: what is asked here is whether the index can serve at all.
const database = open(`${await aMigratedAddress()}?enable_seqscan=off&enable_bitmapscan=off&enable_sort=off`);

const ID = "0199c000-0000-7000-8000-000000000001";
/** Of one branch: the parameters of the scan and two keys. */
const PARAMETERS: Readonly<Record<ScanKind, readonly string[]>> = {
  list: ["p", ID, ID],
  state: ["p", "PENDING", ID, ID],
  id: [ID, ID],
  end: ["p", "5", ID, "5", ID],
};

/** The plan of a text with values in the places of its parameters, without the indexes of other scans. */
async function planOf(kind: ScanKind, text: string, values: readonly string[]): Promise<string> {
  const whole = text.replaceAll(/\$(\d+)/g, (_, number: string) => `'${values[Number(number) - 1] ?? ""}'`);
  const undo = new Error("the indexes stay");
  let plan = "";
  const planning = database.transaction(async (query) => {
    for (const [other, { index }] of Object.entries(SCANS)) {
      const drop = other === "id" ? `alter table operations drop constraint ${index}` : `drop index ${index}`;
      if (other !== kind) await query(drop);
    }
    if (kind !== "state") await query(`drop index ${RUNNING.index}`);
    plan = (await query(`explain ${whole}`)).map(([line]) => String(line)).join("\n");
    throw undo;
  });
  await assert.rejects(planning, undo);
  return plan;
}

/** What a scan by state may be asked for. */
const STATES: readonly (readonly State[])[] = [
  ["PENDING"],
  ["RUNNING"],
  ["PENDING", "RUNNING", "FAILED", "CANCELLED"],
];

for (const kind of Object.keys(SCANS) as ScanKind[]) {
  test(`a scan by ${kind} reads its index in order, and sorts nothing`, async () => {
    for (const descending of [true, false]) {
      for (const states of kind === "state" ? STATES : [[]]) {
        const text = { scan: kind, states, descending };
        const branches =
          states.length === 0 ? [PARAMETERS[kind]] : states.map((state) => PARAMETERS.state.with(1, state));
        const keys = await planOf(
          kind,
          keysText({ ...text, condition: CONDITIONS.method("=") }, 9),
          branches.flatMap((each) => [...each, "createArchive"]),
        );
        const window = await planOf(kind, windowText(text, 10), branches.flat());
        const index = (state?: State): string => (state === "RUNNING" ? RUNNING : SCANS[kind]).index;
        for (const plan of [keys, window]) {
          const direction = descending ? " Backward" : "";
          const scans = plan.matchAll(new RegExp(`Index (?:Only )?Scan${direction} using (\\w+) `, "g"));
          assert.deepEqual(
            Array.from(scans, ([, name]) => name),
            states.length === 0 ? [index()] : states.map(index),
            plan,
          );
          assert.doesNotMatch(plan, /Sort {2}\(|Seq Scan|Disabled/, plan);
        }
      }
    }
  });
}

test("every condition is SQL, and `not` turns it round", async () => {
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
  const values = ["p", ID, ID, "PENDING", "RUNNING", "m", "t", "1", "5", "p/%"];
  const text = keysText({ scan: "list", states: [], descending: true, condition }, 9);
  assert.deepEqual([...(await database.query(text, values))], []);
});

test("parameters are numbered in the order of the text", () => {
  const text = windowText({ scan: "state", states: ["PENDING", "RUNNING"], descending: false }, 10);
  assert.deepEqual(
    text.match(/\$\d+/g),
    Array.from({ length: 8 }, (_, index) => `$${index + 1}`),
  );
});
