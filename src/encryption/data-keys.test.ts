import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { silence, type Tell } from "../core/events.ts";
import { LIMITS } from "../core/limits.ts";
import { systemRandom } from "../core/ports/random.ts";
import type { ResourceStore } from "../core/ports/resource-store.ts";
import type { Store } from "../core/ports/store.ts";
import { openStore } from "../store/open.ts";
import { ManualClock } from "../testing/manual-clock.ts";
import { DATA_KEY, dataKeyId, dataKeyResource, dayOf, dataKeyOf } from "./data-key-record.ts";
import { DataKeys, type SealingKey } from "./data-keys.ts";
import { aKek } from "./encrypted.suite.ts";
import { type Kek, Keks } from "./keks.ts";

const DAY = 86_400_000;

/** The resources of a store, with the number of accesses. */
async function aBench() {
  const clock = new ManualClock();
  const store: Store = await openStore("sqlite::memory:", { clock });
  let reads = 0;
  const { resources } = store;
  const counted: ResourceStore = {
    list: (...args) => resources.list(...args),
    put: (...args) => resources.put(...args),
    remove: (...args) => resources.remove(...args),
    removeDue: (...args) => resources.removeDue(...args),
    read: (...args) => {
      reads++;
      return resources.read(...args);
    },
  };
  const of = ([first, ...others]: readonly [Kek, ...Kek[]], tell: Tell = silence): DataKeys =>
    new DataKeys({
      resources: counted,
      keks: new Keks(first, others),
      clock,
      time: () => clock.now(),
      random: systemRandom,
      service: "s",
      tell,
    });
  const record = async (id: string) => {
    const [kept] = await resources.read(DATA_KEY, [id]);
    return kept === undefined ? assert.fail(id) : { ...dataKeyOf(kept), revision: kept.revision };
  };
  const id = (number: number, tenant = "projects/p"): string => dataKeyId(tenant, dayOf(clock.now()), number);
  return { clock, resources, of, record, id, reads: () => reads };
}

const isSame = (one: SealingKey, other: SealingKey): boolean => one.secret.equals(other.secret);

describe("data keys", () => {
  it("belong to a tenant and a day, and are the same in every process", async () => {
    const { of, clock } = await aBench();
    const [here, there] = [of([aKek(1)]), of([aKek(1)])];
    const first = await here.sealing("projects/p");
    assert.equal(here.sealing("projects/p"), first, "it is known, and there at once");
    assert.ok(isSame(first, await there.sealing("projects/p")));
    assert.ok(!isSame(first, await here.sealing("projects/q")));
    await clock.advance(DAY);
    const next = await here.sealing("projects/p");
    assert.ok(!isSame(first, next));
    assert.ok(isSame(next, await there.sealing("projects/p")));
  });

  it("are created once, even if several processes need one at the same time", async () => {
    const { of, record, id } = await aBench();
    const processes = Array.from({ length: 8 }, () => of([aKek(1)]));
    const keys = await Promise.all(
      processes.flatMap((each) => [1, 2].map(async () => each.sealing("projects/p"))),
    );
    assert.ok(keys.every((each) => isSame(each, keys[0] ?? each)));
    assert.equal((await record(id(0))).uses, processes.length * LIMITS.keyUsesBlock);
  });

  it("seal up to their limit, over all processes and restarts, and then a new one follows", async () => {
    const { of, record, id, resources } = await aBench();
    const keys = of([aKek(1)]);
    const first = await keys.sealing("projects/p");
    first.left = LIMITS.keyUsesLeast - 1;
    const again = await keys.sealing("projects/p");
    assert.ok(isSame(first, again) && again.left === LIMITS.keyUsesBlock);
    const { revision, ...kept } = await record(id(0));
    assert.equal(kept.uses, 2 * LIMITS.keyUsesBlock);
    const uses = LIMITS.keyUsesMax - LIMITS.keyUsesBlock + 1;
    await resources.put(dataKeyResource(id(0), { ...kept, uses }), revision);
    assert.ok(!isSame(first, await of([aKek(1)]).sealing("projects/p")));
    assert.equal((await record(id(1))).uses, LIMITS.keyUsesBlock);
  });

  it("are read once by a process that does not know them, and again after a minute", async () => {
    const { of, id, reads, clock } = await aBench();
    const made = await of([aKek(1)]).sealing("projects/p");
    const keys = of([aKek(1)]);
    const before = reads();
    const ids = new Set([id(0), id(7)]);
    const found = await Promise.all(Array.from({ length: 50 }, async () => keys.opening(ids)));
    assert.equal(reads() - before, 1);
    for (const each of found) {
      assert.ok(each.get(id(0))?.key?.secret.equals(made.secret));
      assert.deepEqual(each.get(id(7)), {}, "there is none");
    }
    assert.ok(!(keys.opening(ids) instanceof Promise));
    await clock.advance(LIMITS.dataKeyTrustMs);
    await keys.opening(ids);
    assert.equal(reads() - before, 2);
  });

  it("are opened by all KEKs and wrapped by the first; a missing KEK is named", async () => {
    const { of, id, record } = await aBench();
    const told: string[] = [];
    const tell: Tell = { "encryption.kek-missing": ({ kek }) => void told.push(kek) };
    const made = await of([aKek(1)]).sealing("projects/p");
    assert.ok(isSame(made, await of([aKek(2), aKek(1)]).sealing("projects/p")));
    const other = of([aKek(2)], tell);
    assert.deepEqual((await other.opening(new Set([id(0)]))).get(id(0)), { isUnavailable: true });
    assert.deepEqual(told, [aKek(1).id]);
    assert.ok(!isSame(made, await other.sealing("projects/p")));
    assert.equal((await record(id(1))).kek, aKek(2).id);
  });

  it("are not used after they are shredded, and their names stay taken", async () => {
    const { of, id, record, resources } = await aBench();
    const made = await of([aKek(1)]).sealing("projects/p");
    const { revision, ...kept } = await record(id(0));
    await resources.put(dataKeyResource(id(0), { ...kept, key: "", shredTime: 5 }), revision);
    const keys = of([aKek(1)]);
    assert.deepEqual((await keys.opening(new Set([id(0)]))).get(id(0)), {});
    const next = await keys.sealing("projects/p");
    assert.ok(!isSame(made, next));
    assert.equal((await record(id(1))).tenant, "projects/p");
  });
});
