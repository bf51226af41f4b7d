import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Told, Teller } from "./teller.ts";

describe("Teller", () => {
  it("tells each listener the events it asked for, in order, until it is removed", () => {
    const teller = new Teller();
    const all: Told[] = [];
    const some: Told[] = [];
    const off = teller.watch((...told) => void all.push(told));
    teller.watch((...told) => void some.push(told), ["sweep.purged"]);
    teller.tell["sweep.purged"]?.({ count: 2 });
    teller.tell["claims.resumed"]?.({});
    off();
    teller.tell["sweep.purged"]?.({ count: 3 });
    assert.deepEqual(all, [
      ["sweep.purged", { count: 2 }],
      ["claims.resumed", {}],
    ]);
    assert.deepEqual(some, [
      ["sweep.purged", { count: 2 }],
      ["sweep.purged", { count: 3 }],
    ]);
  });

  it("makes no fields of an event without listeners, before and after a listener", () => {
    const teller = new Teller();
    let made = 0;
    const tell = (): void => teller.tell["sweep.purged"]?.({ count: ++made });
    tell();
    const off = teller.watch(() => {}, ["sweep.purged"]);
    tell();
    off();
    tell();
    assert.equal(made, 1);
  });

  it("removes one listener at a time if the same function listens twice", () => {
    const teller = new Teller();
    let heard = 0;
    const listener = (): void => void heard++;
    const off = teller.watch(listener);
    teller.watch(listener);
    off();
    off();
    teller.tell["claims.resumed"]?.({});
    assert.equal(heard, 1);
  });

  it("is not disturbed by errors of listeners, nor are other listeners, and reports them once", () => {
    const teller = new Teller();
    const bug = new Error("a listener's own bug");
    const heard: Told[] = [];
    teller.watch(() => {
      throw bug;
    });
    teller.watch((...told) => void heard.push(told));
    teller.tell["sweep.purged"]?.({ count: 1 });
    teller.tell["claims.resumed"]?.({});
    assert.deepEqual(heard, [
      ["listener.failed", { error: bug }],
      ["sweep.purged", { count: 1 }],
      ["listener.failed", { error: bug }],
      ["claims.resumed", {}],
    ]);
  });
});
