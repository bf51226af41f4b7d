import { callerText } from "../../src/core/caller.ts";
import type { ClaimCommand, Store } from "../../src/core/ports/store.ts";
import { systemClock } from "../../src/core/ports/clock.ts";
import { systemRandom } from "../../src/core/ports/random.ts";
import { openStore } from "../../src/store/open.ts";
import { anOperation } from "../../src/testing/an-operation.ts";
import { type Check, type Measure, quantile } from "../measure.ts";
import { postgresStore, sqliteStore } from "../swept/store.ts";

const FEW = 10;
const BATCH = 1_000;
/** The number of operations of each. */
const CLAIMS = 200;
const TAKEN = 4;

export const turns: Measure = {
  name: "turns",
  title: `Claims of ${TAKEN} beside a long queue: of nobody's, and of a tenant's with ${FEW} of another's behind it`,
  async run({ size, folder }) {
    const many = size.stored / 10;
    const figures: Record<string, number> = { "operations in the queue": many };
    const checks: Check[] = [];
    for (const open of [() => sqliteStore(folder, "turns"), postgresStore]) {
      await using swept = await open();
      const store = await openStore(swept.address, {
        onLost: () => {},
        clock: systemClock,
        random: systemRandom,
        tell: {},
      });
      await fill(store, "nobodys", many, null);
      await fill(store, "tenants", many, "projects/many");
      const few = new Set(await fill(store, "tenants", FEW, "projects/few"));
      await claims(store, "nobodys", 50);
      const nobodys = await claims(store, "nobodys", CLAIMS);
      const tenants = await claims(store, "tenants", CLAIMS);
      await store.close();
      const last = tenants.ids.findLastIndex((ids) => ids.some((id) => few.has(id))) + 1;
      const taken = tenants.ids.flat().filter((id) => few.has(id)).length;
      Object.assign(figures, {
        [`${swept.name}: p50 ms of nobody's`]: quantile(nobodys.ms, 0.5),
        [`${swept.name}: p50 ms of tenants in turns`]: quantile(tenants.ms, 0.5),
        [`${swept.name}: claims until all ${FEW} are taken`]: taken === FEW ? last : Number.NaN,
      });
      checks.push({
        what: `${swept.name}: claims until all ${FEW} are taken`,
        value: taken === FEW ? last : Number.POSITIVE_INFINITY,
        limit: 2 * FEW,
        rule: "at most",
      });
    }
    return {
      figures,
      checks,
      notes: ["A claim and its commit, one after the other, by a store in the process that measures."],
    };
  },
};

/** @returns the ids */
async function fill(store: Store, method: string, count: number, tenant: string | null): Promise<string[]> {
  const caller = callerText({ principal: tenant === null ? "anonymous" : "user:a", tenant });
  const ids: string[] = [];
  while (ids.length < count) {
    const operations = Array.from({ length: Math.min(BATCH, count - ids.length) }, () =>
      anOperation({ method, caller, createTime: store.time(), availableTime: store.time() }),
    );
    await Promise.all(operations.map((operation) => store.write({ verb: "insert", operation })));
    for (const { id } of operations) ids.push(id);
  }
  return ids;
}

async function claims(
  store: Store,
  method: string,
  count: number,
): Promise<{ readonly ms: readonly number[]; readonly ids: readonly (readonly string[])[] }> {
  const wanted = [{ method, limit: TAKEN }];
  const command: ClaimCommand = { verb: "claim", worker: "w", leaseMs: 3_600_000, limit: TAKEN, wanted };
  const [ms, ids]: [number[], string[][]] = [[], []];
  for (let claim = 0; claim < count; claim++) {
    const startedAt = performance.now();
    const { operations } = await store.write(command);
    ms.push(performance.now() - startedAt);
    ids.push(operations.map(({ id }) => id));
  }
  return { ms, ids };
}
