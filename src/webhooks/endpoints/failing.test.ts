import assert from "node:assert/strict";
import { test } from "node:test";
import { LIMITS } from "../../core/limits.ts";
import type { Tell } from "../../core/events.ts";
import { serviceError } from "../../core/error/error.ts";
import type { Store } from "../../core/ports/store.ts";
import { ManualClock } from "../../testing/manual-clock.ts";
import { seededRandom } from "../../testing/seeded-random.ts";
import { openStore } from "../../store/open.ts";
import { anEndpoint } from "../told-ends.suite.ts";
import { Endpoints } from "./endpoints.ts";
import { Failing } from "./failing.ts";

const MINUTE_MS = LIMITS.webhookFailuresMs;
const { webhookFailingMsMax: FAILING_MS, webhookFailingTriesMin: TRIES } = LIMITS;

/** An endpoint in its own store, and the counters of its failures in one of two processes. */
async function openFailing() {
  const clock = new ManualClock();
  const store = await openStore("sqlite::memory:", { clock, random: seededRandom(1), tell: {} });
  const told: string[] = [];
  const tell: Tell = { "webhook.disabled": ({ why }) => void told.push(why) };
  const process = async (of: Store): Promise<{ endpoints: Endpoints; failing: Failing }> => {
    const endpoints = new Endpoints({ store: of, clock, tell, verbs: new Map(), fixed: [], areKept: true });
    await endpoints.look();
    return { endpoints, failing: new Failing({ endpoints, clock, time: () => store.time(), tell }) };
  };
  const first = await process(store);
  const { name } = anEndpoint();
  await first.endpoints.add(anEndpoint());
  const stateOf = async (): Promise<unknown> => {
    await first.endpoints.look();
    return first.endpoints.get(name)?.state;
  };
  return { ...first, clock, store, told, name, stateOf, process, [Symbol.asyncDispose]: () => store.close() };
}

test("five days and twenty tries without success disable an endpoint, and neither alone does", async () => {
  await using opened = await openFailing();
  const { failing, clock, name, stateOf, told } = opened;
  const failOnce = async (): Promise<void> => {
    await failing.failed(name);
    await clock.advance(MINUTE_MS);
  };
  for (let tries = 0; tries < TRIES; tries++) await failOnce();
  assert.equal(await stateOf(), "ENABLED", "so often, and not for so long");
  await clock.advance(FAILING_MS - (TRIES + 1) * MINUTE_MS);
  await failOnce();
  assert.equal(await stateOf(), "ENABLED");
  await failOnce();
  assert.equal(await stateOf(), "DISABLED");
  assert.deepEqual(told, ["Nothing was answered with success for five days."]);
  await failing.gone(name);
  assert.equal(told.length, 1);
});

test("few tries in a long time disable nothing", async () => {
  await using opened = await openFailing();
  for (let tries = 0; tries < TRIES - 1; tries++) {
    await opened.failing.failed(opened.name);
    await opened.clock.advance(FAILING_MS);
  }
  assert.equal(await opened.stateOf(), "ENABLED");
  await opened.failing.failed(opened.name);
  assert.equal(await opened.stateOf(), "DISABLED");
});

test("a success resets the counters", async () => {
  await using opened = await openFailing();
  const { failing, clock, name } = opened;
  for (let tries = 0; tries < TRIES; tries++) await failing.failed(name);
  await clock.advance(FAILING_MS);
  await failing.succeeded(name);
  for (let tries = 0; tries < TRIES; tries++) {
    await failing.failed(name);
    await clock.advance(MINUTE_MS);
  }
  assert.equal(await opened.stateOf(), "ENABLED");
});

/** A store that reports each write of a resource. */
function countingPuts({ resources, pollMs, ...store }: Store, onPut: () => void): Store {
  return {
    ...store,
    pollMs,
    resources: {
      list: (kind, limit) => resources.list(kind, limit),
      read: (kind, names) => resources.read(kind, names),
      remove: (kind, name) => resources.remove(kind, name),
      removeDue: (kind, time, limit) => resources.removeDue(kind, time, limit),
      put: (resource, expected) => {
        onPut();
        return resources.put(resource, expected);
      },
    },
  };
}

test("failures are written once a minute, and those of several processes are counted together", async () => {
  await using opened = await openFailing();
  const { store, clock, name, failing, endpoints } = opened;
  let puts = 0;
  const counting = countingPuts(store, () => puts++);
  const other = await opened.process(counting);
  for (let tries = 0; tries < 30; tries++) await other.failing.failed(name);
  assert.equal(puts, 1);
  await clock.advance(MINUTE_MS);
  await endpoints.look();
  await failing.failed(name);
  await other.failing.failed(name);
  await endpoints.look();
  assert.equal(endpoints.get(name)?.failing?.tries, 32);
  assert.ok(puts <= 3, `${puts} writes`);
});

test("a receiver that answers every other try costs two writes a minute", async () => {
  await using opened = await openFailing();
  const { store, clock, name } = opened;
  let puts = 0;
  const { failing } = await opened.process(countingPuts(store, () => puts++));
  for (let minute = 0; minute < 3; minute++) {
    for (let tries = 0; tries < 20; tries++) {
      await failing.failed(name);
      await failing.succeeded(name);
    }
    await clock.advance(MINUTE_MS);
  }
  assert.equal(puts, 6);
});

test("fixed or missing endpoints are not disabled, and an unavailable store disturbs nothing", async () => {
  await using opened = await openFailing();
  await opened.failing.gone("webhookEndpoints/none");
  const fixed = anEndpoint({ name: "webhookEndpoints/fixed" });
  const { clock, store } = opened;
  const parts = { clock, tell: {}, verbs: new Map<string, string>() };
  const endpoints = new Endpoints({ ...parts, store, fixed: [fixed], areKept: false });
  await endpoints.look();
  const failing = new Failing({ endpoints, clock, tell: {}, time: () => store.time() });
  await failing.gone(fixed.name);
  assert.equal(endpoints.get(fixed.name)?.state, "ENABLED");
  opened.endpoints.replace = () => Promise.reject(serviceError("STORE_UNAVAILABLE", "away"));
  await opened.failing.gone(opened.name);
  await opened.failing.failed(opened.name);
});

test("removed endpoints are forgotten", async () => {
  await using opened = await openFailing();
  const { failing, endpoints, name } = opened;
  for (let index = 0; index < 10; index++) {
    const each = `webhookEndpoints/e${index}`;
    await endpoints.add(anEndpoint({ name: each }));
    await failing.failed(each);
    await endpoints.remove(each);
  }
  await failing.failed(name);
  assert.equal(failing.count, 1);
});
