import assert from "node:assert/strict";
import { test } from "node:test";
import { LIMITS } from "../../core/limits.ts";
import type { Store } from "../../core/ports/store.ts";
import { openStore } from "../../store/open.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { ManualClock } from "../../testing/manual-clock.ts";
import { seededRandom } from "../../testing/seeded-random.ts";
import { anEndpoint } from "../told-ends.suite.ts";
import { Endpoints } from "./endpoints.ts";

const parts = { tell: {}, verbs: new Map<string, string>(), fixed: [], areKept: true };
const ended = anEndpoint().name;

test("an endpoint of another process is known within two seconds, while the store answers", async () => {
  const clock = new ManualClock();
  await using store = Object.assign(
    await openStore("sqlite::memory:", { clock, random: seededRandom(1), tell: {} }),
    {
      [Symbol.asyncDispose]: () => store.close(),
    },
  );
  const shared: Pick<Store, "resources" | "pollMs"> = { resources: store.resources, pollMs: 1_000 };
  const [one, other] = [1, 2].map(() => new Endpoints({ ...parts, clock, store: shared }));
  assert.ok(one !== undefined && other !== undefined);
  await other.look();
  other.start();
  await clock.advance(0);
  await one.look();
  await one.add(anEndpoint());
  assert.ok(one.wants("operation.failed"));
  await clock.advance(LIMITS.sweepIntervalMs * 2);
  assert.equal(other.get(ended)?.url, anEndpoint().url);
  assert.ok(other.wants("operation.failed") && !other.wants("operation.removed"));
  await other.remove(ended);
  assert.equal(other.get(ended), undefined);
  await clock.advance(LIMITS.sweepIntervalMs * 2);
  await one.look();
  assert.equal(one.get(ended), undefined);
  await other.stop();
  assert.equal(clock.pending, 0);
});

test("of two concurrent changes, one succeeds", async () => {
  const clock = new ManualClock();
  const store = await openStore("sqlite::memory:", { clock, random: seededRandom(1), tell: {} });
  const [one, other] = [1, 2].map(() => new Endpoints({ ...parts, clock, store }));
  assert.ok(one !== undefined && other !== undefined);
  const made = await one.add(anEndpoint());
  assert.ok(made !== undefined);
  assert.equal(await other.add(anEndpoint()), undefined, "there is one of the name");
  const [first, second] = [
    await one.replace({ ...made, url: "https://one.example.com" }),
    await other.replace({ ...made, url: "https://other.example.com" }),
  ];
  assert.deepEqual([first?.url, second], ["https://one.example.com", undefined]);
  assert.equal(other.get(ended)?.url, "https://one.example.com", "the other knows by now");
  await store.close();
});

test("an endpoint with an unreadable filter is disabled here, says why, and does not affect the others", async () => {
  const clock = new ManualClock();
  const store = await openStore("sqlite::memory:", { clock, random: seededRandom(1), tell: {} });
  const { name: _name, revision: _revision, ...kept } = anEndpoint({ filter: "newer(than) THIS" });
  const unreadable = { kind: "webhook-endpoint", name: "webhookEndpoints/bad", dueTime: null };
  await store.resources.put({ ...unreadable, value: JSON.stringify(kept) }, null);
  const endpoints = new Endpoints({ ...parts, clock, store });
  await endpoints.add(anEndpoint());
  await endpoints.look();
  const bad = endpoints.get("webhookEndpoints/bad");
  assert.equal(bad?.state, "DISABLED");
  assert.match(bad.disableReason, /^Its filter cannot be read: /);
  const told = endpoints.matching(anOperation({ parent: "projects/p" }), "operation.failed");
  assert.deepEqual(
    told.map(({ name }) => name),
    [ended],
  );
  await store.close();
});

test("concurrently created endpoints count, too", async () => {
  const clock = new ManualClock();
  const store = await openStore("sqlite::memory:", { clock, random: seededRandom(1), tell: {} });
  const endpoints = new Endpoints({ ...parts, clock, store });
  const most = LIMITS.webhookEndpointsOfParentMax;
  const made = Array.from({ length: 2 * most }, (_, index) =>
    endpoints.add(anEndpoint({ name: `webhookEndpoints/e${index}` })),
  );
  const settled = await Promise.allSettled(made);
  assert.equal(settled.filter(({ status }) => status === "fulfilled").length, most);
  assert.equal(endpoints.of("").length, most);
  await store.close();
});

test("a tenant has no more than its share of all, whatever their parents", async () => {
  const clock = new ManualClock();
  const store = await openStore("sqlite::memory:", { clock, random: seededRandom(1), tell: {} });
  const endpoints = new Endpoints({ ...parts, clock, store });
  const make = (tenant: string | null, index: number): Promise<unknown> => {
    const parent = `projects/p/folders/f${index}`;
    return endpoints.add(
      anEndpoint({ tenant, parent, name: `${parent}/webhookEndpoints/${tenant ?? "none"}` }),
    );
  };
  const most = LIMITS.webhookEndpointsOfTenantMax;
  for (let index = 0; index < most; index++) await make("a", index);
  await assert.rejects(make("a", most), { reason: "TOO_MANY_WEBHOOK_ENDPOINTS" });
  await make("b", most);
  await make(null, most);
  await store.close();
});

test("one endpoint is read alone, in its current state", async () => {
  const clock = new ManualClock();
  const store = await openStore("sqlite::memory:", { clock, random: seededRandom(1), tell: {} });
  const resources: Store["resources"] = Object.create(store.resources, {
    read: { value: (kind: string, names: readonly string[]) => store.resources.read(kind, names) },
    list: { value: () => assert.fail("all are read") },
  });
  const fixed = anEndpoint({ name: "webhookEndpoints/fixed" });
  const one = new Endpoints({ ...parts, clock, store });
  const other = new Endpoints({ ...parts, fixed: [fixed], clock, store: { resources, pollMs: null } });
  assert.equal(await other.find(ended), undefined);
  const made = await one.add(anEndpoint());
  assert.equal((await other.find(ended))?.url, made?.url);
  assert.equal(other.matching(anOperation(), "operation.failed").length, 1);
  await one.remove(ended);
  assert.equal(await other.find(ended), undefined);
  assert.equal(other.matching(anOperation(), "operation.failed").length, 0);
  await store.close();
});
