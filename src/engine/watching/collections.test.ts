import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { compileFilter } from "../../core/filter/check.ts";
import { LIMITS } from "../../core/limits.ts";
import { STRUCT } from "../../core/operation/payload.ts";
import { collectionOf } from "../../core/operation/collection.ts";
import type { Operation } from "../../core/operation/operation.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { Seats } from "../waiting/seats.ts";
import type { Area } from "./areas.ts";
import { Collections } from "./collections.ts";
import type { Watcher } from "./watcher.ts";

function areaOf(parent: string, filterText = ""): Area {
  return { collection: collectionOf(parent), filter: compileFilter(filterText) ?? null, filterText };
}

function aWatcher() {
  const told: string[] = [];
  const watcher: Watcher = {
    changed: ({ id, revision }) => void told.push(`${id.slice(-4)} ${revision}`),
    removed: (name) => void told.push(`gone ${name.slice(-4)}`),
    ended: () => void told.push("ended"),
  };
  return { told, watcher };
}

/** Some watchers in a process whose store announces every change, or not. */
function watchers(isCompared = false) {
  const seats = new Seats();
  const collections = new Collections(seats, isCompared);
  const enter = (parent: string, filter?: string) => {
    const { told, watcher } = aWatcher();
    return { told, watch: collections.enter(areaOf(parent, filter), watcher, { connection: {} }) };
  };
  return { seats, collections, enter };
}

const at = (operation: Operation, revision: number, change: Partial<Operation> = {}): Operation => ({
  ...operation,
  ...change,
  revision,
});
const tag = ({ id }: Operation): string => id.slice(-4);

describe("Collections", () => {
  it("report matching operations to all watchers of the parent, or of a pattern that contains it", () => {
    const { collections, enter } = watchers();
    const [own, other, wide, running] = [
      enter("projects/p"),
      enter("projects/q"),
      enter("projects/-"),
      enter("projects/p", "metadata.state = RUNNING"),
    ];
    const operation = anOperation({ parent: "projects/p", state: "PENDING" });
    collections.found(operation.id, operation);
    collections.found(operation.id, at(operation, 2, { state: "RUNNING" }));
    collections.found(operation.id, at(operation, 2, { state: "RUNNING" }));
    collections.found(operation.id, at(operation, 1));
    collections.found(operation.id, at(operation, 3, { state: "PENDING" }));
    collections.found(operation.id, undefined);
    collections.found(operation.id, undefined);
    const all = [1, 2, 3].map((revision) => `${tag(operation)} ${revision}`);
    const gone = `gone ${tag(operation)}`;
    assert.deepEqual(
      [own.told, wide.told],
      [
        [...all, gone],
        [...all, gone],
      ],
    );
    assert.deepEqual([other.told, running.told], [[], [all[1], gone]]);
  });

  it("share what watchers of the same collection know, and tell each what reads of the others found", () => {
    const { collections, enter } = watchers();
    const [first, second] = [enter("p"), enter("p")];
    const [known, news] = [anOperation({ parent: "p" }), anOperation({ parent: "p" })];
    first.watch.knows(known);
    assert.deepEqual([first.told, second.told], [[], [`${tag(known)} 1`]]);
    collections.found(known.id, known);
    second.watch.knows(at(news, 4));
    collections.found(news.id, at(news, 4));
    assert.deepEqual([first.told, second.told.length], [[`${tag(news)} 4`], 1]);
    second.watch.leave();
    collections.found(known.id, undefined);
    assert.deepEqual([first.told.at(-1), second.told.length], [`gone ${tag(known)}`, 1]);
    second.watch.knows(at(news, 5));
    assert.equal(first.told.length, 2, "whoever has left tells nothing");
  });

  it("remember possible changes if not every change is announced, and nothing of watchers that left", () => {
    const { seats, collections, enter } = watchers(true);
    const { told, watch } = enter("p", "metadata.state = FAILED");
    const [failing, fine] = [anOperation({ parent: "p" }), anOperation({ parent: "p" })];
    for (const each of [failing, fine]) collections.found(each.id, each);
    assert.equal(collections.seen(false).length, 2);
    const end = { endTime: 1, state: "SUCCEEDED" } as const;
    collections.found(fine.id, at(fine, 2, end));
    collections.found(failing.id, at(failing, 2, { ...end, state: "FAILED" }));
    assert.deepEqual(told, [`${tag(failing)} 2`]);
    assert.deepEqual([collections.seen(false), collections.seen(true).length], [[], 1]);
    assert.deepEqual(collections.watched, [{ parent: "p", isWide: false }]);
    watch.leave();
    watch.leave();
    assert.deepEqual([collections.count, collections.seen(true), seats.taken], [0, [], 0]);
    enter("-");
    assert.equal(collections.watched, undefined);
    collections.stop();
    assert.equal(seats.taken, 0);
  });

  it("remember a limited number of operations, and accept a limited number of filters", () => {
    const { collections, enter } = watchers();
    const { told } = enter("p");
    const operations = Array.from({ length: LIMITS.watchedMembersMax + 1 }, () =>
      anOperation({ parent: "p" }),
    );
    for (const each of operations) collections.found(each.id, each);
    assert.equal(collections.seen(true).length, LIMITS.watchedMembersMax);
    told.length = 0;
    for (const each of operations.slice(0, 2)) collections.found(each.id, undefined);
    assert.deepEqual(told, [`gone ${tag(operations[1] ?? anOperation())}`]);
    for (let count = 1; count < LIMITS.watchedFiltersMax; count++) enter("p", `metadata.attempt = ${count}`);
    assert.throws(() => enter("p", "metadata.attempt = 0"), {
      reason: "TOO_MANY_WAITERS",
      message: /^64 of 64 filters/,
    });
    enter("p");
    enter("q", "metadata.attempt = 0");
  });

  it("end only for watchers that might have to be told of an unreadable operation", () => {
    const { collections, enter } = watchers();
    const [own, other, wide, otherWide] = ["projects/p", "projects/q", "projects/-", "folders/-"].map(
      (parent) => enter(parent),
    );
    const known = anOperation({ parent: "projects/q" });
    collections.failed("unknown");
    collections.failed("unheard", "projects/p");
    const told = (): (readonly string[] | undefined)[] =>
      [own, other, wide, otherWide].map((each) => each?.told);
    assert.deepEqual(told(), [["ended"], [], ["ended"], []]);
    collections.found(known.id, known);
    collections.failed(known.id);
    assert.deepEqual(told(), [["ended"], [`${tag(known)} 1`, "ended"], ["ended"], []]);
    assert.deepEqual([collections.has("projects/q"), collections.has("folders/f")], [false, true]);
  });

  it("report operations that they cannot filter, which are refused when they would be shown", () => {
    const { collections, enter } = watchers();
    const [looking, other] = [
      enter("p", "metadata.statusMessage = a"),
      enter("p", "metadata.state = RUNNING"),
    ];
    const sealed = anOperation({ parent: "p", metadata: { type: STRUCT, json: "\u0001sealed:x" } });
    collections.found(sealed.id, sealed);
    assert.deepEqual([looking.told, other.told], [[`${tag(sealed)} 1`], []]);
  });
});
