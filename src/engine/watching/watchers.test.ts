import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { anOperation } from "../../testing/an-operation.ts";
import { Seats } from "../waiting/seats.ts";
import type { Watcher } from "./watcher.ts";
import { Watchers } from "./watchers.ts";

function aWatcher() {
  const told: (number | string)[] = [];
  const watcher: Watcher = {
    changed: ({ revision }) => void told.push(revision),
    removed: (name) => void told.push(name),
    ended: () => void told.push("ended"),
  };
  return { told, watcher };
}

describe("Watchers", () => {
  it("get only newer revisions, each of its own operation", () => {
    const watchers = new Watchers(new Seats());
    const operation = anOperation();
    const [early, late] = [aWatcher(), aWatcher()];
    watchers.enter(operation.id, "n", early.watcher, {});
    watchers.found(operation.id, { ...operation, revision: 3 });
    watchers.enter(operation.id, "n", late.watcher, {});
    watchers.found(operation.id, { ...operation, revision: 3 });
    watchers.found(operation.id, { ...operation, revision: 2 });
    assert.deepEqual([early.told, late.told], [[3], [3]]);
    assert.deepEqual(
      watchers.seen.map(({ id, revision }) => [id, revision]),
      [[operation.id, 3]],
    );
  });

  it("leave the end, a removal or a read error as their last message, and give their seats back", () => {
    const seats = new Seats();
    const watchers = new Watchers(seats);
    const [ended, removed, unread, stopped] = ["a", "b", "c", "d"].map((id) => {
      const each = aWatcher();
      watchers.enter(id, `operations/${id}`, each.watcher, { connection: {} });
      return each;
    });
    assert.equal(seats.taken, 4);
    watchers.found("a", { ...anOperation(), revision: 2, endTime: 1 });
    watchers.found("b", undefined);
    watchers.failed("c");
    assert.equal(seats.taken, 1);
    watchers.stop();
    assert.deepEqual(
      [ended, removed, unread, stopped].map((each) => each?.told),
      [[2], ["operations/b"], ["ended"], ["ended"]],
    );
    assert.deepEqual([watchers.count, seats.taken, watchers.isWatched("a")], [0, 0, false]);
  });

  it("report once that they have left", () => {
    const watchers = new Watchers(new Seats());
    const watch = watchers.enter("a", "n", aWatcher().watcher, {});
    let over = 0;
    watch.onOver = () => over++;
    watch.leave();
    watch.leave();
    assert.deepEqual([over, watchers.count], [1, 0]);
  });
});
