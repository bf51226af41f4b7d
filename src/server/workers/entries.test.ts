import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { StatusError } from "../../core/error/error.ts";
import { LIMITS } from "../../core/limits.ts";
import { answeredEntries, type EntryReading, readEntries } from "./entries.ts";

const odd = new StatusError("INVALID_ARGUMENT", "odd");

/** Reads even numbers, and counts the turns given to others. */
function reading(textOf: (entry: number) => number = () => 0): EntryReading<number> & { turns: number } {
  const made = {
    field: "numbers",
    turns: 0,
    read: (value: unknown, place: string) => {
      assert.equal(place, `numbers[${String(value)}]`);
      if (Number(value) % 2 === 1) throw odd;
      return Number(value);
    },
    textOf,
    nextTurn: async () => void made.turns++,
  };
  return made;
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

suite("readEntries()", () => {
  test("has the error of an entry in its place", async () => {
    assert.deepEqual(await readEntries([0, 1, 2], reading()), [0, odd, 2]);
    const broken = { ...reading(), read: () => assert.fail("a bug") };
    await assert.rejects(readEntries([0], broken), /a bug/);
  });

  test("accepts one to a thousand entries", async () => {
    for (const count of [0, LIMITS.remoteEntriesMax + 1]) {
      const refused = readEntries(numbers(count), {
        ...reading(),
        read: () => assert.fail("nothing is read"),
      });
      await assert.rejects(refused, {
        reason: "CLAIM_INVALID",
        message: `Invalid value at 'numbers': expected 1 to 1000 entries, got ${count}.`,
      });
    }
    assert.equal((await readEntries(numbers(LIMITS.remoteEntriesMax), reading())).length, 1_000);
  });

  test("lets others have turns, by number and by size; a small list needs none", async () => {
    const few = reading();
    await readEntries(numbers(LIMITS.remoteEntriesPerTurn), few);
    assert.equal(few.turns, 0);
    const many = reading();
    await readEntries(numbers(LIMITS.remoteEntriesPerTurn * 3), many);
    assert.equal(many.turns, 2);
    const large = reading(() => LIMITS.remoteTextPerTurn / 2);
    await readEntries([0, 1, 2, 3, 4, 5, 6], large);
    assert.equal(large.turns, 1, "what is refused counts nothing");
  });
});

const refused = (error: StatusError): string => error.message;

suite("answeredEntries()", () => {
  test("executes valid entries together, and answers in order", async () => {
    const sent: unknown[] = [];
    const send = async (entries: readonly number[]): Promise<readonly string[]> => {
      sent.push(entries);
      return entries.map((each) => `sent ${each}`);
    };
    assert.deepEqual(await answeredEntries([1, odd, 2], send, refused), ["sent 1", "odd", "sent 2"]);
    assert.deepEqual(await answeredEntries([odd], send, refused), ["odd"]);
    assert.deepEqual(sent, [[1, 2]], "nothing is sent where nothing can be meant");
  });
});
