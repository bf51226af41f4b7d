import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { open, type Writer, written } from "./writer.ts";

function fail(writer: Writer): void {
  open(writer, 1);
  throw new Error("no");
}

suite("written()", () => {
  test("returns separate bytes to each caller", () => {
    const first = written((writer) => writer.uint32(1));
    const second = written((writer) => writer.uint32(2));
    assert.deepEqual([...first, ...second], [1, 2]);
  });

  test("leaves nothing behind of a function that failed, and may be called recursively", () => {
    assert.throws(() => written(fail), /no/);
    const nested = written((writer) => writer.uint32(1).bytes(written((inner) => inner.uint32(2))));
    assert.deepEqual([...nested], [1, 1, 2]);
  });

  test("writes messages of any size", () => {
    const large = written((writer) => writer.bytes(new Uint8Array(100_000)));
    assert.equal(large.length, 100_003);
    assert.deepEqual([...written((writer) => writer.uint32(3))], [3]);
  });
});

test("open() begins a field, and join() fills in its length", () => {
  const bytes = written((writer) => {
    open(writer, 2);
    writer.uint32(1).join();
  });
  assert.deepEqual([...bytes], [0x12, 1, 1]);
});
