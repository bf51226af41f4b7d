import assert from "node:assert/strict";
import { test } from "node:test";
import { LIMITS } from "../../core/limits.ts";
import type { Command } from "../../core/store.ts";
import type { Call, WriteReport } from "./messages.ts";
import { WriteQueue } from "./write-queue.ts";

const purge: Command = { verb: "purge", limit: 1 };

interface Commit {
  readonly calls: readonly Call[];
  readonly answer: (report?: Partial<WriteReport>) => void;
}

/** A queue whose writer answers when the test says so. `commit` resolves with the one of that number once it is sent. */
function aQueue() {
  const commits = Array.from({ length: 8 }, () => Promise.withResolvers<Commit>());
  let sent = 0;
  const queue = new WriteQueue({
    send: (calls) =>
      new Promise((resolve) => {
        const outcomes = calls.map((call) => ({ answers: call.map(() => ({ ids: [] })) }));
        const answer: Commit["answer"] = (report = {}) => resolve({ outcomes, commits: [], ...report });
        commits[sent++]?.resolve({ calls, answer });
      }),
    committed: () => {},
    tell: () => {},
  });
  const commit = (number: number): Promise<Commit> =>
    commits[number]?.promise ?? Promise.reject(new Error("too many"));
  return { queue, commit, sent: () => sent };
}

const sizes = ({ calls }: Commit): number[] => calls.map((call) => call.length);

test("add() goes at once when the writer is idle, and the next behind it; what comes meanwhile goes together", async () => {
  const { queue, commit, sent } = aQueue();
  const first = [queue.add([purge]), queue.add([purge])];
  assert.equal(sent(), 2);
  const more = [queue.add([purge, purge]), queue.add([purge])];
  assert.equal(sent(), 2);
  (await commit(0)).answer();
  assert.equal((await first[0])?.length, 1);
  assert.deepEqual(sizes(await commit(2)), [2, 1]);
  (await commit(1)).answer();
  (await commit(2)).answer();
  assert.equal((await first[1])?.length, 1);
  assert.deepEqual(
    (await Promise.all(more)).map((each) => each.length),
    [2, 1],
  );
});

test("add() puts no more into a commit than a write may hold, but never cuts a call", async () => {
  const { queue, commit } = aQueue();
  const most = Array.from({ length: LIMITS.writeBatchMax }, () => purge);
  const calls = [[purge], [purge], [...most, purge], [purge], most, [purge], [purge, purge]];
  const all = calls.map((call) => queue.add(call));
  const sent: number[][] = [];
  for (let number = 0; number < 6; number++) {
    const each = await commit(number);
    sent.push(sizes(each));
    each.answer();
  }
  await Promise.all(all);
  assert.deepEqual(sent, [[1], [1], [LIMITS.writeBatchMax + 1], [1], [LIMITS.writeBatchMax], [1, 2]]);
});

test("add() rejects the call that failed, and no other", async () => {
  const { queue, commit } = aQueue();
  void queue.add([purge]);
  void queue.add([purge]);
  const settled = Promise.allSettled([queue.add([purge]), queue.add([purge]), queue.add([purge])]);
  (await commit(0)).answer();
  const fault = { kind: "unavailable", message: "disk full" } as const;
  const outcomes = [{ answers: [{ ids: ["a"] }] }, { fault }, { answers: [{ ids: ["b"] }] }];
  (await commit(2)).answer({ outcomes });
  const [a, failed, b] = await settled;
  assert.deepEqual([a?.status, b?.status], ["fulfilled", "fulfilled"]);
  assert.ok(failed?.status === "rejected" && failed.reason.reason === "STORE_UNAVAILABLE");
});

test("close() waits for what was taken", async () => {
  const { queue, commit } = aQueue();
  const taken = queue.add([purge]);
  const closed = queue.close();
  await assert.rejects(queue.add([purge]), { reason: "SHUTTING_DOWN" });
  (await commit(0)).answer();
  await closed;
  assert.deepEqual(await taken, [{ ids: [] }]);
});

test("a call that comes in the moment in which the last commit is answered is not forgotten", async () => {
  for (let turns = 0; turns < 8; turns++) {
    const { queue, commit } = aQueue();
    const first = [queue.add([purge]), queue.add([purge])];
    for (const { answer } of await Promise.all([commit(0), commit(1)])) answer();
    await first[1];
    for (let turn = 0; turn < turns; turn++) await Promise.resolve();
    const last = queue.add([purge]);
    (await commit(2)).answer();
    await last;
    await queue.close();
  }
});
