import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { onStore, type StoreSubject } from "./subject.suite.ts";

const aResource = { kind: "paused-method", name: "a", dueTime: null, value: '{"time":1}' } as const;

/** Resources: small configured records. */
export function resourceSuite(subject: StoreSubject): void {
  describe("resources", () => {
    it(
      "stores a resource in place of the one with the given revision, and of no other",
      onStore(subject, async ({ store: { resources } }) => {
        assert.equal(await resources.put(aResource, 1), undefined);
        assert.equal(await resources.put(aResource, null), 1);
        assert.equal(await resources.put({ ...aResource, value: "2" }, null), undefined);
        assert.equal(await resources.put({ ...aResource, value: "3", dueTime: 7 }, 1), 2);
        assert.equal(await resources.put({ ...aResource, value: "4" }, 1), undefined);
        assert.deepEqual(await resources.list("paused-method", 9), [
          { ...aResource, value: "3", dueTime: 7, revision: 2 },
        ]);
      }),
    );

    it(
      "lists those of a kind by name, up to a limit",
      onStore(subject, async ({ store: { resources } }) => {
        for (const name of ["b", "a", "B"]) await resources.put({ ...aResource, name }, null);
        await resources.put({ ...aResource, kind: "other" }, null);
        const names = async (kind: string, limit: number): Promise<readonly string[]> =>
          (await resources.list(kind, limit)).map(({ name }) => name);
        assert.deepEqual(await names("paused-method", 9), ["B", "a", "b"]);
        assert.deepEqual(await names("paused-method", 2), ["B", "a"]);
        assert.deepEqual(await names("none", 9), []);
      }),
    );

    it(
      "reads those of a kind that have one of the names",
      onStore(subject, async ({ store: { resources } }) => {
        for (const name of ["a", "b", 'c"{},\\é']) await resources.put({ ...aResource, name }, null);
        await resources.put({ ...aResource, kind: "other" }, null);
        const read = await resources.read("paused-method", ["a", 'c"{},\\é', "none"]);
        assert.deepEqual(
          read.toSorted((one, other) => (one.name < other.name ? -1 : 1)),
          ["a", 'c"{},\\é'].map((name) => ({ ...aResource, name, revision: 1 })),
        );
        assert.deepEqual(await resources.read("paused-method", []), []);
        const many = Array.from({ length: 1_000 }, (_, index) => `n${index}`);
        assert.deepEqual(await resources.read("other", [...many, "a"]), [
          { ...aResource, kind: "other", revision: 1 },
        ]);
      }),
    );

    it(
      "removes one, and says whether it existed",
      onStore(subject, async ({ store: { resources } }) => {
        await resources.put(aResource, null);
        assert.equal(await resources.remove("other", "a"), false);
        assert.equal(await resources.remove("paused-method", "a"), true);
        assert.equal(await resources.remove("paused-method", "a"), false);
        assert.equal(await resources.put(aResource, null), 1);
      }),
    );

    it(
      "removes those of a kind that are due, the earliest first, up to a limit",
      onStore(subject, async ({ store: { resources } }) => {
        const due = { c: 1, a: 3, b: 2, later: 4, never: null } as const;
        for (const [name, dueTime] of Object.entries(due))
          await resources.put({ ...aResource, name, dueTime }, null);
        await resources.put({ ...aResource, kind: "other", dueTime: 1 }, null);
        const left = async (): Promise<string> =>
          (await resources.list("paused-method", 9)).map(({ name }) => name).join(" ");
        assert.equal(await resources.removeDue("paused-method", 3, 2), 2);
        assert.equal(await left(), "a later never");
        assert.equal(await resources.removeDue("paused-method", 3, 2), 1);
        assert.equal(await left(), "later never");
        assert.equal(await resources.removeDue("paused-method", 3, 2), 0);
        assert.equal((await resources.list("other", 9)).length, 1);
      }),
    );

    it(
      "refuses text that cannot be stored, and everything once the store is closed",
      onStore(subject, async ({ store }) => {
        await assert.rejects(store.resources.put({ ...aResource, name: "\0" }, null), /cannot keep/);
        await store.close();
        const refused = { code: "UNAVAILABLE" };
        await assert.rejects(store.resources.put(aResource, null), refused);
        await assert.rejects(store.resources.list("paused-method", 9), refused);
        await assert.rejects(store.resources.read("paused-method", ["a"]), refused);
        await assert.rejects(store.statistics.counts(), refused);
      }),
    );

    it(
      "keeps what was stored",
      { skip: subject.reopen === undefined ? "nothing is left" : false },
      onStore(subject, async ({ store, clock }) => {
        await store.resources.put(aResource, null);
        await store.close();
        const next = await subject.reopen?.(clock);
        assert.deepEqual(await next?.resources.list("paused-method", 9), [{ ...aResource, revision: 1 }]);
        await next?.close();
      }),
    );
  });
}
