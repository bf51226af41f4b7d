import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { ManualClock, settled } from "../../testing/manual-clock.ts";
import { Turns } from "./turns.ts";

const [a, b] = [{}, {}];

suite("Turns", () => {
  test("gives each owner a turn after the other, whoever came first with many requests", async () => {
    const turns = new Turns(new ManualClock());
    const done: string[] = [];
    for (const name of ["a1", "a2", "a3"]) turns.take(a, () => done.push(name));
    for (const name of ["b1", "b2"]) turns.take(b, () => done.push(name));
    assert.deepEqual(done, []);
    await settled(1);
    assert.deepEqual(done, ["a1", "b1", "a2", "b2", "a3"]);
  });

  test("ends a turn that has used up its time, and continues in the next", async () => {
    // The clock advances by 4 ms at each reading.
    const clock = new ManualClock();
    const turns = new Turns(clock);
    let done = 0;
    let nowMs = 0;
    clock.monotonic = () => (nowMs += 4);
    for (let count = 0; count < 5; count++) turns.take(a, () => void done++);
    await settled(1);
    assert.equal(done, 3);
    await settled(3);
    assert.equal(done, 5);
  });

  test("gives long work a turn of its own", async () => {
    const turns = new Turns(new ManualClock());
    const done: string[] = [];
    void turns.next(a).then(() => done.push("a"));
    void turns.next(b).then(() => done.push("b"));
    turns.take(b, () => done.push("short"));
    await settled(1);
    assert.deepEqual(done, ["a"]);
    await settled(3);
    assert.deepEqual(done, ["a", "b", "short"]);
  });
});
