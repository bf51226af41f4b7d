import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { LIMITS } from "../../core/limits.ts";
import { collectionOf } from "../../core/operation/collection.ts";
import { Areas, type KeptArea } from "./areas.ts";
import type { WatchSetting } from "./watcher.ts";

/** Some areas, and a function that adds one; without a given filter, each gets a new one. */
function someAreas() {
  const areas = new Areas<KeptArea>();
  let count = 0;
  const enter = (parent: string, setting: WatchSetting = {}, filterText = `${count++}`): KeptArea =>
    areas.findOr({ collection: collectionOf(parent), filter: null, filterText }, setting, (area) => area);
  return { areas, enter };
}

/** The number of successes before a refusal. */
function timesOf(begin: () => void): number {
  for (let times = 0; ; times++) {
    try {
      begin();
    } catch (error) {
      assert.equal((error as { readonly reason?: string }).reason, "TOO_MANY_WAITERS");
      return times;
    }
  }
}

const by = (principal: string, tenant: string | null = null): WatchSetting => ({
  caller: { principal, tenant },
});

/** The number for each parent. */
const counts = (p: number, q: number): Map<string, number> =>
  new Map([
    ["projects/p", p],
    ["projects/q", q],
    ["r", 99],
  ]);

describe("Areas", () => {
  it("leave filters with patterns to other tenants, however many one tenant adds, and through any callers", () => {
    const { enter } = someAreas();
    let caller = 0;
    const taken = timesOf(() => enter("projects/p/locations/-", by(`user:${caller++}`, "projects/p")));
    assert.ok(taken > LIMITS.watchedFiltersMax / 8 && taken < LIMITS.watchedFiltersMax / 4, `${taken}`);
    const own = enter("projects/q/locations/-", by("user:q", "projects/q"), "same");
    assert.equal(
      enter("projects/q/locations/-", by("user:p", "projects/p"), "same"),
      own,
      "what is there costs nothing",
    );
    for (let tenant = 0; tenant < 20; tenant++) enter("-", by("user:o", `projects/${tenant}`));
  });

  it("leave filters of one collection to other callers, and identify anonymous callers by their connections", () => {
    const { enter } = someAreas();
    const taken = timesOf(() => enter("projects/p", by("user:a", "projects/p")));
    assert.ok(taken < LIMITS.watchedFiltersMax / 4, `${taken}`);
    enter("projects/p", by("user:b", "projects/p"));
    const connection = {};
    assert.ok(timesOf(() => enter("projects/p", { connection })) < LIMITS.watchedFiltersMax / 4);
    enter("projects/p", { connection: {} });
    const { enter: enterAlone } = someAreas();
    assert.equal(
      timesOf(() => enterAlone("-")),
      LIMITS.watchedFiltersMax,
      "this process has no share",
    );
  });

  it("find the area to which most of some operations belong", () => {
    const { areas, enter } = someAreas();
    const [one, wide, other] = [enter("projects/p"), enter("projects/-"), enter("projects/q")];
    assert.equal(areas.busiest(counts(3, 1)), wide);
    areas.delete(wide);
    assert.equal(areas.busiest(counts(3, 1)), one);
    assert.equal(areas.busiest(counts(1, 3)), other);
    assert.deepEqual(
      ["projects/p", "projects", "r"].map((parent) => areas.has(parent)),
      [true, false, false],
    );
    for (const each of [one, other]) areas.delete(each);
    assert.deepEqual([areas.busiest(counts(1, 1)), [...areas.all()]], [undefined, []]);
  });
});
