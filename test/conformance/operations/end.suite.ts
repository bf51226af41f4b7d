import assert from "node:assert/strict";
import { OperationError } from "../../../src/client/index.ts";
import { DETAILS, double, fails, hold, steps } from "./methods.suite.ts";
import { casesOf, onService, type Subject } from "./subject.suite.ts";

/** How operations end, and how callers learn of it. */
export function endSuite(subject: Subject): void {
  const it = casesOf(subject);

  it("wait() returns the operation as it is at the timeout, or when it is done", async () => {
    const { pack, gates } = steps();
    await onService(subject, [pack], async (caller) => {
      const { name } = await caller.start(pack, {});
      assert.equal((await caller.wait(name, { timeout: "0s" })).done, false);
      const waiting = caller.wait(name, { timeout: "60s" });
      gates.forEach((gate) => gate.resolve());
      const { done, response } = await waiting;
      assert.deepEqual([done, response], [true, { files: 2 }]);
    });
  });

  it(
    "wait() ends with its signal, and the operation continues",
    async () => {
      const { pack, gates } = steps();
      await onService(subject, [pack], async (caller) => {
        const { name } = await caller.start(pack, {});
        const controller = new AbortController();
        const waiting = caller.wait(name, { signal: controller.signal });
        controller.abort(new Error("enough"));
        await assert.rejects(waiting, { message: "enough" });
        gates.forEach((gate) => gate.resolve());
        assert.deepEqual(await caller.result(name), { files: 2 });
      });
    },
    "abort",
  );

  it(
    "updates() yields the current operation, every change, and finally the finished operation",
    async () => {
      const { pack, gates } = steps();
      // On the machine's clock: the server's clock decides when the caller's wait ends.
      await using service = await subject.open([pack]);
      const { name } = await service.caller.start(pack, {}, { parent: "projects/p" });
      const seen = new Set<unknown>();
      let latest: unknown;
      for await (const { done, metadata, response } of service.caller.updates(name)) {
        latest = [done, metadata.progressPercent, response];
        seen.add(metadata["currentFile"]);
        if (seen.has("0.txt")) gates[0].resolve();
        if (seen.has("1.txt")) gates[1].resolve();
      }
      assert.ok(seen.has("0.txt") && seen.has("1.txt"));
      assert.deepEqual(latest, [true, 50, { files: 2 }]);
    },
    "updates",
  );

  it("cancel() ends running operations, and is harmless when repeated or late", () =>
    onService(subject, [hold, double], async (caller) => {
      const held = await caller.start(hold, {}, { parent: "projects/p" });
      await caller.cancel(held);
      await caller.cancel(held);
      const { done, error, response } = await caller.wait(held);
      assert.deepEqual([done, error?.code, response], [true, "CANCELLED", null]);
      const caught = await caller.result(held).catch((thrown: unknown) => thrown);
      assert.ok(caught instanceof OperationError);
      assert.deepEqual([caught.code, caught.reason], ["CANCELLED", "OPERATION_CANCELLED"]);
      const doubled = await caller.start(double, { number: 1 });
      assert.deepEqual(await caller.result(doubled), { number: 2 });
      await caller.cancel(doubled);
      assert.deepEqual(await caller.result(doubled), { number: 2 });
    }));

  it("delete() removes the record, once", () =>
    onService(subject, [double], async (caller) => {
      const { name } = await caller.start(double, { number: 1 });
      await caller.result(name);
      await caller.delete(name);
      const gone = { code: "NOT_FOUND", reason: "OPERATION_NOT_FOUND", metadata: { operation: name } };
      await assert.rejects(caller.get(name), gone);
      await assert.rejects(caller.delete(name), gone);
      assert.deepEqual((await caller.listPage()).operations, []);
    }));

  it("a deliberate failure arrives with its code, its message and its details", () =>
    onService(subject, [fails], async (caller) => {
      const started = await caller.start(fails, { onPurpose: true });
      const { done, error, response } = await caller.wait(started);
      assert.deepEqual([done, response], [true, null]);
      assert.deepEqual(error, {
        code: "FAILED_PRECONDITION",
        message: "The directory is lockéd.",
        details: DETAILS,
      });
      await assert.rejects(caller.result(started), {
        code: "FAILED_PRECONDITION",
        reason: "DIRECTORY_LOCKED",
        metadata: { directory: "d" },
      });
    }));

  it("an unexpected failure reveals nothing about the handler", () =>
    onService(subject, [fails], async (caller) => {
      const { error } = await caller.wait(await caller.start(fails, { onPurpose: false }));
      assert.equal(error?.code, "INTERNAL");
      assert.ok(JSON.stringify(error).includes("HANDLER_FAILED"));
      assert.ok(!JSON.stringify(error).includes("secret"));
    }));
}
