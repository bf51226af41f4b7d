import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import {
  type AppliedMigration,
  compareMigrations,
  type Migration,
  pendingMigrations,
  readMigrations,
} from "./migrate.ts";

const known: readonly Migration[] = [1, 2, 3].map((number) => ({
  number,
  name: `000${number}-change`,
  text: "",
  checksum: `checksum-${number}`,
}));
const applied: readonly AppliedMigration[] = known.map((each) => ({ ...each, applyTime: 5 }));

test("readMigrations() finds the files that come with the program, numbered from 1", () => {
  const migrations = readMigrations("sqlite");
  assert.equal(migrations[0]?.name, "0001-operations");
  assert.deepEqual(
    migrations.map((each) => each.number),
    migrations.map((_, index) => index + 1),
  );
  for (const { checksum, text } of migrations) {
    assert.match(checksum, /^[0-9a-f]{64}$/);
    assert.match(text, /(?:create (?:table|index)|alter table) /);
  }
});

test("readMigrations() refuses a gap, and computes the same checksum with other line endings", (context) => {
  const folder = mkdtempSync(join(tmpdir(), "longrunning-sql-"));
  context.after(() => rmSync(folder, { recursive: true }));
  const url = pathToFileURL(`${folder}/`);
  writeFileSync(join(folder, "0001-a.sql"), "select 1;\nselect 2;\n");
  const [unix] = readMigrations("sqlite", url);
  writeFileSync(join(folder, "0001-a.sql"), "select 1;\r\nselect 2;\r\n");
  assert.equal(readMigrations("sqlite", url)[0]?.checksum, unix?.checksum);
  writeFileSync(join(folder, "0003-c.sql"), "");
  assert.throws(() => readMigrations("sqlite", url), /"0003-c.sql": expected a name such as "0002-/);
});

test("compareMigrations() says what is applied and what is pending", () => {
  const statuses = compareMigrations(known, applied.slice(0, 1));
  assert.deepEqual(
    statuses.map((each) => each.applyTime),
    [5, null, null],
  );
  assert.deepEqual(
    pendingMigrations(statuses).map((each) => each.number),
    [2, 3],
  );
});

const refused = (records: readonly AppliedMigration[], message: RegExp): void => {
  assert.throws(() => compareMigrations(known, records), { code: "FAILED_PRECONDITION", message });
};

test("compareMigrations() refuses migrations that do not fit together, and says what to do", () => {
  const newer = { number: 4, name: "0004-newer", checksum: "x", applyTime: 6 };
  refused(
    [...applied, newer],
    /"0004-newer", which this version .* does not know\. Run the version that made it/,
  );
  refused(applied.slice(1), /lacks "0001-change", which comes before it\. Restore a backup/);
  const changed = applied.map((each) => (each.number === 2 ? { ...each, checksum: "other" } : each));
  refused(
    changed,
    /"0002-change" is not the one that was applied .*\. Restore sql\/\*\/0002-change\.sql as it was/,
  );
});
