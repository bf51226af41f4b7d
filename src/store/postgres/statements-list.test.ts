import assert from "node:assert/strict";
import { test } from "node:test";
import { CONDITIONS, type ScanKind } from "../list/statements.ts";
import { aMigratedAddress, open } from "./a-database.suite.ts";
import { keysText, PARENT_LIKE, SCANS, windowText } from "./statements-list.ts";

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
    plan = (await query(`explain ${whole}`)).map(([line]) => String(line)).join("\n");
    throw undo;
  });
  await assert.rejects(planning, undo);
  return plan;
}

for (const kind of Object.keys(SCANS) as ScanKind[]) {
  test(`a scan by ${kind} reads its index in order, and sorts nothing`, async () => {
    for (const descending of [true, false]) {
      for (const branches of kind === "state" ? [1, 4] : [1]) {
        const text = { scan: kind, branches, descending };
        const each = [...PARAMETERS[kind], "createArchive"];
        const keys = await planOf(
          kind,
          keysText({ ...text, condition: CONDITIONS.method("=") }, 9),
          Array.from({ length: branches }, () => each).flat(),
        );
        const window = await planOf(
          kind,
          windowText(text, 10),
          Array.from({ length: branches }, () => PARAMETERS[kind]).flat(),
        );
        for (const plan of [keys, window]) {
          const direction = descending ? " Backward" : "";
          const scans = plan.match(
            new RegExp(`Index (?:Only )?Scan${direction} using ${SCANS[kind].index} `, "g"),
          );
          assert.equal(scans?.length, branches, plan);
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
  const text = keysText({ scan: "list", branches: 1, descending: true, condition }, 9);
  assert.deepEqual([...(await database.query(text, values))], []);
});

test("parameters are numbered in the order of the text", () => {
  const text = windowText({ scan: "state", branches: 2, descending: false }, 10);
  assert.deepEqual(
    text.match(/\$\d+/g),
    Array.from({ length: 8 }, (_, index) => `$${index + 1}`),
  );
});
