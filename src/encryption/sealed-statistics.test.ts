import assert from "node:assert/strict";
import { test } from "node:test";
import type { FailureCount, ProcessReport, StatisticsStore } from "../core/ports/statistics-store.ts";
import { withoutTexts } from "./sealed-statistics.ts";

const failure: FailureCount = {
  key: "k",
  hour: 0,
  method: "m",
  code: "INTERNAL",
  reason: "HANDLER_FAILED",
  text: "secret",
  count: 1,
  firstTime: 5,
  lastTime: 5,
  sample: "operations/1",
};

test("failures with the same method, code and reason are one kind, without a text", async () => {
  const reports: ProcessReport[] = [];
  const store = { add: async (report: ProcessReport) => void reports.push(report) };
  const other = { ...failure, key: "k2", text: "another secret", count: 2, firstTime: 1, lastTime: 9 };
  await withoutTexts(store as unknown as StatisticsStore).add({
    failures: [failure, other, { ...failure, hour: 1 }, { ...failure, code: "ABORTED" }],
  } as unknown as ProcessReport);
  const [{ failures = [] } = {}] = reports as readonly Partial<ProcessReport>[];
  assert.ok(!JSON.stringify(failures).includes("secret"));
  assert.deepEqual(
    failures.map(({ hour, code, count, firstTime, lastTime }) => [hour, code, count, firstTime, lastTime]),
    [
      [0, "INTERNAL", 3, 1, 9],
      [1, "INTERNAL", 1, 5, 5],
      [0, "ABORTED", 1, 5, 5],
    ],
  );
  assert.equal(new Set(failures.map(({ hour, key }) => `${hour} ${key}`)).size, 3);
});
