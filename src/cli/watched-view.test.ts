import assert from "node:assert/strict";
import { test } from "node:test";
import type { ClientOperation, CollectionEvent } from "../client/index.ts";
import { ListView } from "./watched-view.ts";

function event(name: string, done = false): CollectionEvent {
  return { kind: "operation", operation: { name, done, metadata: {}, response: null, error: null } };
}

const id = (index: number): string => String(index).padStart(6, "0");

const names = (view: ListView): string =>
  view
    .operations()
    .map(({ name, done }) => name + (done ? "!" : ""))
    .join(" ");

test("the newest operations are shown, from every collection, in their newest state", () => {
  const view = new ListView(2);
  for (const name of ["p/b", "q/a", "p/d", "q/c"]) view.take(event(name));
  assert.equal(view.isWhole, false);
  assert.equal(view.take({ kind: "initialEnd" }), undefined);
  assert.equal(view.isWhole, true);
  assert.equal(names(view), "p/d q/c");
  view.take(event("q/c", true));
  assert.equal(names(view), "p/d q/c!");
  view.take({ kind: "removed", name: "p/d" });
  assert.equal(names(view), "q/c! p/b", "the next one moves up");
});

test("after a break of the stream the view is replaced", () => {
  const view = new ListView(9);
  view.take(event("a"));
  view.take({ kind: "initialEnd" });
  view.take(event("b"));
  assert.equal(view.take({ kind: "initialEnd" }), "again");
  view.replace([operationOf("c")]);
  assert.equal(names(view), "c");
});

function operationOf(name: string): ClientOperation {
  return (event(name) as Extract<CollectionEvent, { kind: "operation" }>).operation;
}

test("old operations are forgotten, the newest never", () => {
  const view = new ListView(3);
  for (let index = 0; index < 10_000; index++) view.take(event(id(index)));
  assert.equal(names(view), [9_999, 9_998, 9_997].map(id).join(" "));
  for (let index = 9_999; index > 9_000; index--) view.take({ kind: "removed", name: id(index) });
  assert.equal(names(view), [9_000, 8_999, 8_998].map(id).join(" "));
});
