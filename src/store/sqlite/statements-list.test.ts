import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { migrate } from "./schema.ts";
import { CONDITIONS, type ScanKind } from "../list/statements.ts";
import { countText, PARENT_LIKE, rowsText, SCANS, windowText } from "./statements-list.ts";

const KINDS = Object.keys(SCANS) as ScanKind[];

for (const kind of KINDS) {
  test(`a scan by ${kind} is a search of its index, sorts nothing, and its windows do not need the table`, () => {
    const database = new DatabaseSync(":memory:");
    migrate(database, 0);
    const planOf = (text: string): string =>
      database
        .prepare(`explain query plan ${text}`)
        .all()
        .map((row) => String(row["detail"]))
        .join("\n");
    for (const [descending, light] of [true, false].flatMap(
      (each) =>
        [
          [each, true],
          [each, false],
        ] as const,
    )) {
      for (const branches of kind === "state" || kind === "failures" ? [1, 4] : [1]) {
        const text = { scan: kind, branches, descending };
        const rows = planOf(
          rowsText({ ...text, condition: CONDITIONS.method("="), content: light ? "LIGHT" : "WHOLE" }),
        );
        assert.match(rows, new RegExp(`SEARCH operations USING INDEX ${SCANS[kind].index} \\(.*<`));
        assert.match(
          planOf(windowText(text)),
          new RegExp(`SEARCH operations USING COVERING INDEX ${SCANS[kind].index}`),
        );
        assert.match(
          planOf(countText(text)),
          new RegExp(`SEARCH operations USING COVERING INDEX ${SCANS[kind].index}`),
        );
        for (const plan of [rows, planOf(windowText(text))]) assert.doesNotMatch(plan, /TEMP B-TREE|SCAN/);
      }
    }
  });
}

test("every condition is SQL, and `not` negates it", () => {
  const database = new DatabaseSync(":memory:");
  migrate(database, 0);
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
  database.prepare(rowsText({ scan: "list", branches: 1, descending: true, condition, content: "WHOLE" }));
});
