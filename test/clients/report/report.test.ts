import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { factsIn, joined, parseFacts } from "./facts.ts";
import { pageOf } from "./page.ts";

const REST = { client: "b", version: "1", transport: "REST" };

describe("facts of clients", () => {
  it("are merged by client, version and transport, with the calls in the order of the page", () => {
    const grpc = { client: "A", version: "1", transport: "gRPC", calls: ["get"] as const };
    assert.deepEqual(
      joined([
        { ...REST, calls: ["delete", "get"] },
        grpc,
        { ...REST, calls: ["get", "start"], errors: "e" },
      ]),
      [
        { ...grpc, progress: "", errors: "", cancellation: "" },
        { ...REST, calls: ["start", "get", "delete"], progress: "", errors: "e", cancellation: "" },
      ],
    );
  });

  it("are read from the files of all processes, and refused if a call is unknown", () => {
    const folder = mkdtempSync(join(tmpdir(), "longrunning-facts-"));
    try {
      for (const [name, calls] of [
        ["1.jsonl", ["get"]],
        ["2.jsonl", ["list"]],
      ])
        writeFileSync(join(folder, String(name)), `${JSON.stringify({ ...REST, calls })}\n`);
      assert.deepEqual(
        factsIn(folder).map(({ calls }) => calls),
        [["get", "list"]],
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
    assert.throws(
      () => parseFacts(JSON.stringify({ ...REST, calls: ["fetch"] })),
      /"fetch" is not among CALLS/,
    );
    assert.throws(() => parseFacts(JSON.stringify({ ...REST, version: "", calls: [] })), /version/);
  });

  it("are a row of calls each, and another row if the test covers what programs see", () => {
    const rows = pageOf({ day: "2026-01-01", facts: [{ ...REST, calls: ["start"], progress: "`p`" }] })
      .split("\n")
      .filter((line) => line.startsWith("| b "));
    assert.deepEqual(rows, ["| b | 1 | REST | ✓ | | | | | | | | | |", "| b | 1 | REST | `p` | | |"]);
  });
});
