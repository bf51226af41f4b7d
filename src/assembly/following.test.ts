import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { z } from "zod";
import { defineMethod } from "../core/method/method.ts";
import { settled } from "../testing/manual-clock.ts";
import { openOperations } from "./open.ts";
import { type OpenedOperations, OperationError } from "./opened-operations.ts";

/** A method whose handler continues step by step, when the test says so. */
function stepping() {
  const steps: PromiseWithResolvers<void>[] = [];
  const method = defineMethod({
    name: "copy",
    request: z.object({ files: z.number() }),
    response: z.object({ copied: z.number() }),
    metadata: z.object({ copied: z.number() }),
    run: async ({ files }, { report, signal }) => {
      signal.addEventListener("abort", () => steps.forEach(({ reject }) => reject(signal.reason)));
      for (let copied = 1; copied <= files; copied++) {
        const step = Promise.withResolvers<void>();
        steps.push(step);
        report({ copied });
        await step.promise;
      }
      return { copied: files };
    },
  });
  return { method, steps };
}

async function opened(
  run: (operations: OpenedOperations, copy: ReturnType<typeof stepping>) => Promise<void>,
) {
  const copy = stepping();
  const operations = await openOperations({ methods: [copy.method], store: "sqlite::memory:", drain: "0s" });
  try {
    await run(operations, copy);
  } finally {
    await operations.stop();
  }
}

suite("result()", () => {
  test("is the response of a successful operation, typed by the operation or by a method", () =>
    opened(async (operations, { method, steps }) => {
      const operation = await operations.start(method, { files: 1 });
      const result = operations.result(operation);
      while (steps.length === 0) await settled();
      steps[0]?.resolve();
      assert.equal((await result).copied satisfies number, 1);
      assert.equal((await operations.result(operation.name, { method })).copied, 1);
      // @ts-expect-error nothing is known of a name alone
      assert.equal((await operations.result(operation.name)).copied, 1);
    }));

  test("throws the error of a cancelled operation, with the operation", () =>
    opened(async (operations, { method }) => {
      const operation = await operations.start(method, { files: 1 });
      const caught = operations.result(operation).catch((error: unknown) => error);
      await operations.cancel(operation.name);
      const error = await caught;
      assert.ok(error instanceof OperationError);
      assert.deepEqual([error.code, error.reason], ["CANCELLED", "OPERATION_CANCELLED"]);
      assert.equal(error.operation.name, operation.name);
    }));

  test("throws the reason of its signal, also if it was already aborted, and leaves no waiter behind", () =>
    opened(async (operations, { method }) => {
      const { name } = await operations.start(method, { files: 1 });
      const controller = new AbortController();
      const result = operations.result(name, { signal: controller.signal });
      await settled();
      controller.abort(new Error("enough"));
      await assert.rejects(result, { message: "enough" });
      await assert.rejects(operations.result(name, { signal: controller.signal }), { message: "enough" });
      assert.equal((await operations.get(name)).done, false);
    }));

  test("throws UNAVAILABLE if this process stops before the operation is done", () =>
    opened(async (operations, { method }) => {
      const { name } = await operations.start(method, { files: 1 });
      const result = assert.rejects(operations.result(name), { reason: "SHUTTING_DOWN" });
      await settled();
      await operations.stop();
      await result;
    }));

  test("throws NOT_FOUND if there is no such operation", () =>
    opened(async (operations) => {
      const missing = { code: "NOT_FOUND", reason: "OPERATION_NOT_FOUND" };
      await assert.rejects(operations.result("operations/none"), missing);
      await assert.rejects(operations.updates("operations/none")[Symbol.asyncIterator]().next(), missing);
    }));
});

suite("updates()", () => {
  test("yield the current operation, each change, and finally the finished operation", () =>
    opened(async (operations, { method, steps }) => {
      const { name } = await operations.start(method, { files: 1 });
      const seen: unknown[] = [];
      for await (const { metadata, response, done } of operations.updates(name, { method })) {
        seen.push([metadata?.copied, response?.copied, done]);
        if (metadata !== null) steps[0]?.resolve();
      }
      assert.deepEqual(seen.at(-1), [1, 1, true]);
      assert.ok(seen.some((each) => JSON.stringify(each) === "[1,null,false]"));
      for await (const again of operations.updates(name)) assert.equal(again.state, "SUCCEEDED");
    }));

  test("report that the operation was removed", () =>
    opened(async (operations, { method }) => {
      const { name } = await operations.start(method, { files: 1 });
      const updates = operations.updates(name)[Symbol.asyncIterator]();
      assert.equal((await updates.next()).done, false);
      await operations.delete(name);
      const rest = (async () => {
        while (!(await updates.next()).done);
      })();
      await assert.rejects(rest, { code: "NOT_FOUND", reason: "OPERATION_NOT_FOUND" });
    }));

  test("throw the reason of their signal, and UNAVAILABLE if this process stops", () =>
    opened(async (operations, { method }) => {
      const { name } = await operations.start(method, { files: 1 });
      const controller = new AbortController();
      const given = drained(operations.updates(name, { signal: controller.signal }));
      const stopped = drained(operations.updates(name));
      await settled();
      controller.abort(new Error("enough"));
      assert.equal((await given).message, "enough");
      await operations.stop();
      const error = await stopped;
      assert.equal((error as { reason?: string }).reason, "SHUTTING_DOWN");
    }));
});

/** Consumes all updates, and returns their error. */
async function drained(updates: AsyncIterable<unknown>): Promise<Error> {
  try {
    for await (const _ of updates);
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error("They ended in order.");
}
