import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { compileFilter } from "../src/core/filter/check.ts";
import { findField } from "../src/core/filter/fields.ts";
import { matches } from "../src/core/filter/matches.ts";
import { LIMITS } from "../src/core/limits.ts";
import type { Operation } from "../src/core/operation/operation.ts";
import { STRUCT } from "../src/core/operation/payload.ts";
import { anOperation } from "../src/testing/an-operation.ts";

const text = readFileSync(new URL("../docs/filters.md", import.meta.url), "utf8");

/** The code in the first column of a section's table. */
function firstColumn(section: string): string[][] {
  const from = text.indexOf(`\n## ${section}\n`);
  const body = text.slice(from, text.indexOf("\n## ", from + 1));
  const rows = body.split("\n").filter((line) => line.startsWith("| `"));
  return rows.map((row) =>
    Array.from((row.split(" | ")[0] ?? "").matchAll(/`([^`]+)`/g), ([, code = ""]) => code),
  );
}

const times = {
  createTime: Date.UTC(2026, 0, 30),
  startTime: Date.UTC(2026, 0, 30),
  cancelTime: Date.UTC(2026, 1, 1),
};
const ended = { endTime: Date.UTC(2026, 1, 2), expireTime: Date.UTC(2026, 2, 1) };
const metadata = { type: STRUCT, json: '{"progressPercent":51,"file":{"name":"report.txt"}}' };
const fields = { ...times, metadata, attempt: 1, target: "directories/a", parent: "projects/p" };
const details = [
  { "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: "HANDLER_FAILED", domain: "d" },
];
const SAMPLES: readonly Operation[] = [
  anOperation({ ...fields, state: "RUNNING" }),
  anOperation({
    ...fields,
    ...ended,
    state: "FAILED",
    error: { code: "NOT_FOUND", message: "No such archive.", details },
  }),
  anOperation({
    ...fields,
    ...ended,
    createTime: Date.UTC(2026, 1, 1),
    state: "SUCCEEDED",
    response: { type: STRUCT, json: '{"parts":[{"sha256":"ab12"}],"path":"archive.tar"}' },
  }),
  anOperation({ state: "PENDING" }),
];

describe("docs/filters.md", () => {
  const examples = firstColumn("Examples").map(([filter = ""]) => filter);
  for (const filter of [
    ...examples,
    ...Array.from(text.matchAll(/--filter '([^']+)'/g), ([, each = ""]) => each),
  ]) {
    it(`has an example that finds some operations but not all: ${filter}`, () => {
      const compiled = compileFilter(filter);
      assert.ok(compiled);
      const found = SAMPLES.filter((each) => matches(compiled, each)).length;
      const ofAll = filter.startsWith("metadata.@type");
      assert.ok(found > 0 && (ofAll || found < SAMPLES.length), String(found));
    });
  }

  it("has only existing fields", () => {
    const named = firstColumn("Fields").flat();
    assert.ok(named.length > 10);
    for (const name of named) {
      const isTime = /^(?:schedule|start|end|expire)Time$/.test(name);
      const path = (isTime ? `metadata.${name}` : name).replace("…", "x").split(".");
      assert.ok(findField(path).field, name);
    }
  });

  it("has the actual limits and the actual error", () => {
    for (const limit of [
      LIMITS.filterLengthMax,
      LIMITS.filterTermsMax,
      LIMITS.filterDepthMax,
      LIMITS.listRowsExaminedMax,
    ]) {
      assert.ok(text.includes(limit.toLocaleString("en")), String(limit));
    }
    assert.throws(
      () => compileFilter("done = TRUE"),
      (error: Error) => text.includes(`\`${error.message}\``),
    );
  });
});
