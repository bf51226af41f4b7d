import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { SHARDS } from "../../core/operation/id.ts";
import { seededRandom } from "../../testing/seeded-random.ts";
import { type Home, Homes, TURN_MS } from "./homes.ts";

const METHODS = ["a", "b", "c"] as const;
const ALL = Array.from({ length: SHARDS }, (_, shard) => shard);

const name = fc.string({ unit: fc.constantFrom("a", "B", "7", "_"), minLength: 1, maxLength: 8 });
const someHomes: fc.Arbitrary<readonly Home[]> = fc.uniqueArray(
  fc.record({ name, methods: fc.subarray([...METHODS]).map((methods) => new Set(methods)) }),
  { selector: (home) => home.name, maxLength: 12 },
);
const shard = fc.nat(SHARDS - 1);
const method = fc.constantFrom(...METHODS);

/** Names as processes choose them. */
function names(count: number, seed: number): readonly string[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => Buffer.from(random.bytes(6)).toString("base64url"));
}

function ownersOf(homes: readonly Home[], of: string): readonly (string | undefined)[] {
  const known = new Homes(homes);
  return ALL.map((each) => known.owner(of, each));
}

test("shards are spread evenly over the processes that run a method", () => {
  for (let seed = 1; seed <= 20; seed++) {
    for (const count of [2, 4, 8]) {
      const homes = names(count, seed).map((each) => ({ name: each, methods: new Set(["a"]) }));
      const owners = ownersOf(homes, "a");
      for (const each of homes) {
        const owned = owners.filter((owner) => owner === each.name).length;
        const fair = SHARDS / count;
        // Four standard deviations of this many throws of a die.
        const most = 4 * Math.sqrt(fair * (1 - 1 / count));
        assert.ok(Math.abs(owned - fair) <= most, `${each.name} owns ${owned} of ${SHARDS}, seed ${seed}`);
      }
    }
  }
});

test("the owner of a shard runs the method, and every shard has an owner if any process runs it", () => {
  fc.assert(
    fc.property(someHomes, method, shard, (homes, of, at) => {
      const owner = new Homes(homes).owner(of, at);
      const running = homes.filter((each) => each.methods.has(of)).map((each) => each.name);
      assert.equal(owner === undefined, running.length === 0);
      if (owner !== undefined) assert.ok(running.includes(owner));
      assert.equal(new Homes(homes).count(of), running.length);
    }),
  );
});

test("one process is told of the work of one turn, and turns are spread like shards", () => {
  fc.assert(
    fc.property(someHomes, method, fc.nat(1_000_000), fc.nat(TURN_MS - 1), (homes, of, turn, later) => {
      const known = new Homes(homes);
      const time = turn * TURN_MS;
      assert.equal(known.ownerAt(of, time + later), known.ownerAt(of, time));
      const turns = ALL.map((each) => known.ownerAt(of, time + each * TURN_MS));
      const owners = ALL.map((each) => known.owner(of, (turn + each) % SHARDS));
      assert.deepEqual(turns, owners);
    }),
  );
});

test("a process gathers hints for a moment only if it shares the load with several others", () => {
  const waits = [0, 1, 2, 3, 4, 5, 7, 50].map((count) => {
    const homes = names(count, 1).map((each) => ({ name: each, methods: new Set(["a"]) }));
    return new Homes(homes).gatherMs;
  });
  assert.deepEqual(waits, [0, 0, 0, 1, 1, 2, 2, 2]);
});

test("two processes that know the same others agree, in whatever order they learned of them", () => {
  fc.assert(
    fc.property(someHomes, method, (homes, of) => {
      const other = homes.toReversed();
      assert.deepEqual(ownersOf(homes, of), ownersOf(other, of));
      for (const { name: each } of homes) {
        assert.equal(new Homes(homes).place(each), new Homes(other).place(each));
      }
    }),
  );
});

test("when a process comes or goes, only its own shards move", () => {
  fc.assert(
    fc.property(someHomes, fc.nat(), method, (homes, which, of) => {
      fc.pre(homes.length > 0);
      const gone = homes[which % homes.length]?.name;
      const before = ownersOf(homes, of);
      const after = ownersOf(
        homes.filter((each) => each.name !== gone),
        of,
      );
      for (const at of ALL) if (before[at] !== gone) assert.equal(after[at], before[at]);
    }),
  );
});

test("next() goes from the owner through each process that runs the method once, and back to the owner", () => {
  fc.assert(
    fc.property(someHomes, method, shard, (homes, of, at) => {
      const known = new Homes(homes);
      const first = known.owner(of, at);
      fc.pre(first !== undefined);
      const passed: string[] = [];
      for (let each: string | undefined = first; each !== undefined && !passed.includes(each); ) {
        passed.push(each);
        each = known.next(of, at, each);
      }
      const running = homes.filter((each) => each.methods.has(of)).map((each) => each.name);
      assert.deepEqual(passed.toSorted(), running.toSorted());
    }),
  );
});

test("an unknown process, or one that does not run the method, hands on to the owner", () => {
  fc.assert(
    fc.property(someHomes, method, shard, (homes, of, at) => {
      const known = new Homes(homes);
      assert.equal(known.next(of, at, "nobody"), known.owner(of, at));
    }),
  );
});
