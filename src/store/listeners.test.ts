import assert from "node:assert/strict";
import { test } from "node:test";
import { silence } from "../core/events.ts";
import { Listeners } from "./listeners.ts";

test("tell() calls all listeners, and reports a listener's error", () => {
  const thrown: unknown[] = [];
  const listeners = new Listeners<number>({
    "store.listener-failed": ({ error }) => void thrown.push(error),
  });
  const bug = new Error("a listener's own bug");
  const heard: number[] = [];
  listeners.add(() => {
    throw bug;
  });
  listeners.add((message) => void heard.push(message));
  listeners.tell(1);
  assert.deepEqual([heard, thrown], [[1], [bug]]);
});

test("a function that listens twice is called twice, and is removed one at a time", () => {
  const listeners = new Listeners<number>(silence);
  const heard: number[] = [];
  const listener = (message: number) => void heard.push(message);
  const off = listeners.add(listener);
  listeners.add(listener);
  listeners.tell(1);
  off();
  off();
  listeners.tell(2);
  assert.deepEqual(heard, [1, 1, 2]);
});
