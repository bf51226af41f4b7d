import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ANONYMOUS, type Caller } from "../../core/caller.ts";
import { StatusError } from "../../core/error/error.ts";
import { fieldError } from "../../core/error/violations.ts";
import { LIMITS } from "../../core/limits.ts";
import { STRUCT } from "../../core/operation/payload.ts";
import type { Store } from "../../core/ports/store.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { open, request } from "../packing.suite.ts";
import type { StartRequest } from "./request.ts";
import { startMany } from "./start-many.ts";

/** Counts the commits and the changes that the store announces. */
function counting(store: Store): { commits: number; changes: number } {
  const counts = { commits: 0, changes: 0 };
  store.watch((changes) => {
    counts.commits += 1;
    counts.changes += changes.length;
  });
  return counts;
}

describe("startMany()", () => {
  it("returns one result for each start, in order; a refused start does not affect the others", async () => {
    await using test = await open();
    const refusal = new StatusError("INVALID_ARGUMENT", "no request");
    const results = await startMany(test.engine.operations, ANONYMOUS, [
      { method: "pack", request, parent: "projects/a" },
      { method: "missing", request },
      refusal,
      { method: "pack", request: {} },
      { method: "clean", request, delayMs: 5_000, priority: 3 },
      { method: "pack", request, validateOnly: true },
    ]);
    assert.deepEqual(
      results.map(({ operation, error }) =>
        operation === undefined
          ? error instanceof StatusError && (error.reason ?? error.message)
          : [operation.method, operation.state, operation.id !== ""],
      ),
      [
        ["pack", "PENDING", true],
        "METHOD_NOT_FOUND",
        "no request",
        "REQUEST_INVALID",
        ["clean", "PENDING", true],
        ["pack", "SUCCEEDED", false],
      ],
    );
    assert.equal((await test.engine.operations.list(ANONYMOUS, { parent: "" })).operations.length, 1);
  });

  it("stores all in one commit", async () => {
    await using test = await open();
    const counts = counting(test.store);
    const starts = Array.from({ length: 1_000 }, () => ({ method: "clean", request }));
    const results = await startMany(test.engine.operations, ANONYMOUS, starts);
    assert.equal(new Set(results.map(({ operation }) => operation?.id)).size, 1_000);
    assert.deepEqual(counts, { commits: 1, changes: 1_000 });
  });

  it("lets others have their turns while it checks requests, and still commits once", async () => {
    await using test = await open();
    const counts = counting(test.store);
    const commits: number[] = [];
    const nextTurn = async (): Promise<void> => {
      commits.push(counts.commits);
    };
    const starts = Array.from({ length: 1_000 }, () => ({ method: "clean", request }));
    const results = await startMany(test.engine.operations, ANONYMOUS, starts, nextTurn);
    assert.equal(new Set(results.map(({ operation }) => operation?.id)).size, 1_000);
    assert.deepEqual(
      commits,
      Array.from({ length: 10 }, () => 0),
    );
    assert.deepEqual(counts, { commits: 1, changes: 1_000 });
  });

  it("starts nothing if the list is empty or too long", async () => {
    await using test = await open();
    for (const count of [0, 1_001]) {
      const starts = Array.from({ length: count }, () => ({ method: "clean", request }));
      await assert.rejects(startMany(test.engine.operations, ANONYMOUS, starts), {
        code: "INVALID_ARGUMENT",
        reason: "REQUEST_INVALID",
        message: `Invalid requests: expected 1 to 1000, got ${count}.`,
        details: [
          {
            "@type": "type.googleapis.com/google.rpc.BadRequest",
            fieldViolations: [
              { field: "requests", description: `Invalid requests: expected 1 to 1000, got ${count}.` },
            ],
          },
        ],
      });
    }
  });

  it("hands nothing to a worker if others of the same call come first", async () => {
    const asked: unknown[] = [];
    const start = (_caller: Caller, each: StartRequest, options: unknown) => {
      asked.push([each.priority, options]);
      return Promise.resolve(anOperation());
    };
    await startMany({ start }, ANONYMOUS, [
      { method: "m", request },
      { method: "m", request, priority: 4 },
    ]);
    assert.deepEqual(asked, [
      [undefined, { handOver: false }],
      [4, { handOver: true }],
    ]);
  });

  it("has details for a limited number of refused starts, and the message of each", async () => {
    const refusal = fieldError("REQUEST_INVALID", { field: "a", description: "No." });
    const starts = Array.from({ length: LIMITS.startsMax }, () => ({ method: "m", request }));
    const errors = (await startMany({ start: () => Promise.reject(refusal) }, ANONYMOUS, starts)).map(
      ({ error }) => error as StatusError,
    );
    assert.equal(errors.filter(({ details }) => details.length > 0).length, LIMITS.violationsMax);
    assert.deepEqual(
      new Set(errors.map(({ message, reason, metadata }) => `${message} ${reason} ${metadata["field"]}`)),
      new Set(["No. REQUEST_INVALID a"]),
    );
  });

  it("never returns an error for a started operation, whatever was answered before", async () => {
    const response = { type: STRUCT, json: "x".repeat(1_048_576) };
    const large = ["a", "b", "c", "d"];
    const start = (_caller: Caller, { requestId }: StartRequest) =>
      Promise.resolve(
        anOperation({
          requestId: requestId ?? null,
          response: large.includes(requestId ?? "") ? response : null,
        }),
      );
    const starts = [...large, "new"].map((requestId) => ({ method: "m", request, requestId }));
    const results = await startMany({ start }, ANONYMOUS, [...starts, { method: "m", request }]);
    assert.deepEqual(
      results.map(
        ({ operation, error }) => operation?.requestId ?? (error instanceof StatusError && error.reason),
      ),
      ["a", "b", "c", "BATCH_TOO_LARGE", "new", false],
    );
    assert.equal(results[5]?.operation?.state, "PENDING");
    const { error } = results[3] ?? {};
    assert.match((error as StatusError).metadata["operation"] ?? "", /^operations\//);
  });

  it("leaves out operations whose payloads would make the answer too large", async () => {
    const response = { type: STRUCT, json: "x".repeat(1_048_576) };
    const start = () => Promise.resolve(anOperation({ response }));
    const results = await startMany(
      { start },
      ANONYMOUS,
      Array.from({ length: 4 }, () => ({ method: "m", request })),
    );
    assert.deepEqual(
      results.map(({ error }) => (error instanceof StatusError ? error.reason : error)),
      [undefined, undefined, undefined, "BATCH_TOO_LARGE"],
    );
  });
});
