import assert from "node:assert/strict";
import { test } from "node:test";
import { batchesFor, filesOf } from "./batches.ts";
import { ImportGraph } from "./import-graph.ts";

const GRAPH = new ImportGraph([
  { path: "src/core/a.ts", text: "export const a = 1;" },
  { path: "src/core/b.ts", text: 'import { a } from "./a.ts";' },
  { path: "src/core/a.test.ts", text: 'import { a } from "./a.ts";' },
  { path: "src/cli/c.ts", text: 'new URL("../core/b.ts", import.meta.url);' },
  { path: "src/cli/c.test.ts", text: 'await import("./c.ts");' },
  { path: "src/store/migrate.ts", text: "new URL(`../../sql/${dialect}/`, import.meta.url);" },
  { path: "sql/sqlite/0001.sql", text: "create table a;" },
]);

test("each step from a file to the files that name it counts as one", () => {
  assert.deepEqual(Object.fromEntries(GRAPH.distancesTo("src/core/a.ts")), {
    "src/core/a.ts": 0,
    "src/core/b.ts": 1,
    "src/core/a.test.ts": 1,
    "src/cli/c.ts": 2,
    "src/cli/c.test.ts": 3,
  });
});

test("a folder of data leads to the files that read it", () => {
  assert.equal(GRAPH.distancesTo("sql/sqlite/0001.sql").get("src/store/migrate.ts"), 1);
});

test("all tests run, the nearest first", () => {
  const far = Array.from({ length: 40 }, (_, index) => `test/far-${index}.test.ts`);
  const tests = {
    inOneProcess: ["src/core/z.test.ts", "src/core/a.test.ts"],
    eachByItself: [...far, "src/cli/c.test.ts"],
  };
  const batches = batchesFor("src/core/a.ts", tests, GRAPH);
  assert.deepEqual(
    batches.map((batch) => filesOf(batch).length),
    [6, 37],
  );
  assert.deepEqual(batches[0]?.inOneProcess, ["src/core/a.test.ts", "src/core/z.test.ts"]);
  assert.equal(batches[0]?.eachByItself[0], "src/cli/c.test.ts");
});
