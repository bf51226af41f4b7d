import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { anOperation } from "../../testing/an-operation.ts";
import { settled } from "../../testing/manual-clock.ts";
import { FreshReads } from "./fresh-reads.ts";

/** Reads that a test answers one after the other. */
function heldReads() {
  const begun: string[] = [];
  const answers: PromiseWithResolvers<undefined>[] = [];
  const told: string[] = [];
  const reads = new FreshReads({
    read: (id) => {
      begun.push(id);
      const answer = Promise.withResolvers<undefined>();
      answers.push(answer);
      return answer.promise;
    },
    found: (id) => void told.push(`found ${id}`),
    failed: (id, parent) => void told.push(`failed ${id}${parent === undefined ? "" : ` of ${parent}`}`),
  });
  const answer = async (): Promise<void> => {
    answers.shift()?.resolve(undefined);
    await settled();
  };
  return { reads, begun, answers, told, answer };
}

describe("FreshReads", () => {
  it("serve requests during a read with one more read after it", async () => {
    const { reads, begun, told, answer } = heldReads();
    const first = reads.ask("a");
    const others = [reads.ask("a"), reads.ask("a")];
    assert.deepEqual(begun, ["a"]);
    await answer();
    await first;
    assert.deepEqual([begun, reads.waiting], [["a", "a"], 0]);
    await answer();
    await Promise.all(others);
    assert.deepEqual(told, ["found a", "found a"]);
  });

  it("begin a limited number at once, and the others in order", async () => {
    const { reads, begun, answer } = heldReads();
    for (let count = 0; count < 70; count++) void reads.ask(`${count}`);
    assert.deepEqual([begun.length, reads.waiting], [64, 6]);
    await answer();
    assert.equal(begun.at(-1), "64");
    for (let count = 0; count < 69; count++) await answer();
    assert.deepEqual([begun.length, reads.waiting], [70, 0]);
  });

  it("report what cannot be read, and continue", async () => {
    const { reads, answers, told, answer } = heldReads();
    const [failing, behind] = [reads.ask("a"), reads.ask("a")];
    answers.shift()?.reject(new Error("away"));
    await assert.rejects(failing, /away/);
    await answer();
    await behind;
    assert.deepEqual(told, ["failed a", "found a"]);
  });

  it("count waiting reads by parent, and forget reads that nobody needs any more", async () => {
    const { reads, begun, answers, told, answer } = heldReads();
    for (let count = 0; count < 64; count++) void reads.ask(`${count}`);
    for (const [id, parent] of [["a"], ["a", "p"], ["a", "p"], ["b", "p"], ["c", "q"], ["d"]] as const)
      void reads.ask(id, parent);
    assert.deepEqual([reads.waiting, reads.waitingWithParent], [4, 3]);
    assert.deepEqual(
      [...reads.waitingByParent],
      [
        ["p", 2],
        ["q", 1],
      ],
    );
    assert.deepEqual(
      ["0", "a", "e"].map((id) => reads.isAsked(id)),
      [true, true, false],
    );
    reads.drop((_, parent) => parent !== "p");
    assert.deepEqual([reads.waiting, reads.waitingWithParent, reads.isAsked("a")], [2, 1, false]);
    for (let count = 0; count < 64; count++) await answer();
    answers.shift()?.reject(new Error("away"));
    await answer();
    assert.deepEqual(
      [begun.slice(64), told.slice(64), reads.waitingWithParent],
      [["c", "d"], ["failed c of q", "found d"], 0],
    );
  });

  it("return what was read", async () => {
    const operation = anOperation();
    const reads = new FreshReads({ read: async () => operation, found: () => {}, failed: () => {} });
    assert.equal(await reads.ask(operation.id), operation);
  });
});
