import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { ANONYMOUS } from "../core/caller.ts";
import { silence } from "../core/events.ts";
import { defineMethod } from "../core/method/method.ts";
import { shardOf } from "../core/operation/id.ts";
import { DEFAULT_ORDER } from "../core/list/order.ts";
import { collectionOf } from "../core/operation/collection.ts";
import { formatName } from "../core/operation/name.ts";
import type { Operation } from "../core/operation/operation.ts";
import { EMPTY } from "../core/operation/payload.ts";
import type { Store } from "../core/ports/store.ts";
import { DELIVER_METHOD } from "../engine/admin/built-in.ts";
import { openTestEngine, type TestEngine } from "../testing/test-engine.ts";
import { seededRandom } from "../testing/seeded-random.ts";
import { type DeliveryRequest, Deliveries } from "./deliveries.ts";
import type { Endpoint } from "./endpoints/endpoint.ts";
import { Endpoints } from "./endpoints/endpoints.ts";

const LEASE_MS = 30_000;
const pack = defineMethod({
  name: "pack",
  request: z.object({}),
  retry: { attempts: 2, initialDelay: "10s", maxDelay: "10s" },
  deadline: "1h",
  run: () => {},
});
const refused = {
  error: { code: "NOT_FOUND", message: "no such file", details: [] },
  exception: null,
  retryTime: null,
} as const;

/** An endpoint of the settings. */
export function anEndpoint(fields: Partial<Endpoint> = {}): Endpoint {
  const { parent = "", name = "webhookEndpoints/all" } = fields;
  return {
    name,
    parent,
    tenant: null,
    url: "https://example.com/hook",
    eventTypes: ["operation.succeeded", "operation.failed", "operation.cancelled"],
    filter: "",
    format: "STANDARD",
    content: "FULL",
    verify: "NONE",
    state: "ENABLED",
    disableReason: "",
    secrets: [{ key: `whsec_${"A".repeat(44)}`, expireTime: null }],
    failing: null,
    createTime: 0,
    updateTime: 0,
    generation: 1,
    revision: 0,
    ...fields,
  };
}

/** An engine that delivers the ends of operations to endpoints of the settings. */
export function openTold(endpoints: readonly Endpoint[], address?: string): Promise<TestEngine> {
  const deliveries = async (store: Store): Promise<Deliveries> => {
    const parts = { store, clock: NO_CLOCK, tell: silence, verbs: new Map<string, string>(), areKept: false };
    const known = new Endpoints({ ...parts, fixed: endpoints });
    await known.look();
    const view = { apiVersion: "v1", pollIntervalMs: () => 1_000 };
    const random = seededRandom(2);
    return new Deliveries({ endpoints: known, store, random, view, violationOf: () => undefined });
  };
  return openTestEngine([pack], { deliveries, ...(address === undefined ? {} : { address }) });
}

const NO_CLOCK = {
  now: () => 0,
  monotonic: () => 0,
  after: () => ({ cancel: () => {} }),
  soon: () => {},
};

/** Starts an operation and claims it. */
export async function running({ engine }: TestEngine, parent = "projects/p"): Promise<Operation> {
  const started = await engine.operations.start(ANONYMOUS, { method: "pack", parent, request: {} });
  return claimed(engine, started.id);
}

async function claimed(engine: TestEngine["engine"], id: string): Promise<Operation> {
  const wanted = [{ method: "pack", limit: 1 }];
  const { operations } = await engine.attempts.claim({ worker: "w", leaseMs: LEASE_MS, limit: 1, wanted });
  const operation = operations.find((each) => each.id === id);
  assert.ok(operation !== undefined);
  return operation;
}

/** The events to deliver, in the order in which they were stored. */
export async function toldOf({ store }: TestEngine, endpoint: string): Promise<readonly ToldEvent[]> {
  const collection = collectionOf(`longrunning/${endpoint}`);
  const { operations } = await store.list({
    collection,
    filter: null,
    order: DEFAULT_ORDER,
    after: null,
    limit: 1_000,
  });
  assert.ok(operations.every(({ method, state }) => method === DELIVER_METHOD && state === "PENDING"));
  return operations.toReversed().map((operation) => {
    const { event } = JSON.parse(operation.request) as DeliveryRequest;
    const { id, type, subject, data } = event;
    return { operation, id, type, subject, data: JSON.parse(data) as Record<string, unknown> };
  });
}

interface ToldEvent {
  readonly operation: Operation;
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** All ways in which an operation can end, with the expected event. */
const ENDS: Readonly<
  Record<
    string,
    readonly [type: string | undefined, end: (told: TestEngine, operation: Operation) => Promise<unknown>]
  >
> = {
  "a response": [
    "operation.succeeded",
    ({ engine }, operation) => engine.attempts.complete(operation, EMPTY),
  ],
  "a final error": ["operation.failed", ({ engine }, operation) => engine.attempts.fail(operation, refused)],
  "a cancellation": [
    "operation.cancelled",
    async ({ engine }, operation) => {
      await engine.operations.cancel(ANONYMOUS, formatName(operation));
      await engine.attempts.release(operation);
    },
  ],
  "its deadline": [
    "operation.failed",
    async ({ engine, clock }) => {
      await clock.advance(3_600_000);
      await engine.sweep.round();
    },
  ],
  "a worker that vanished for the last time": [
    "operation.failed",
    async ({ engine, clock }, { id }) => {
      for (const isLast of [false, true]) {
        await clock.advance(LEASE_MS);
        await engine.sweep.round();
        await clock.advance(10_000);
        if (!isLast) await claimed(engine, id);
      }
    },
  ],
  "no end: given back": [undefined, ({ engine }, operation) => engine.attempts.release(operation)],
  "no end: an attempt that failed": [
    undefined,
    ({ engine, clock }, operation) =>
      engine.attempts.fail(operation, { ...refused, retryTime: clock.now() + 1 }),
  ],
  "no end: a lost attempt": [
    undefined,
    ({ engine }, operation) => engine.attempts.complete({ ...operation, attempt: 7, revision: 99 }, EMPTY),
  ],
  "a removal": [
    undefined,
    ({ engine }, operation) => engine.operations.delete(ANONYMOUS, formatName(operation)),
  ],
};

/** The commit that ends an operation also stores its deliveries, however it ends. */
export function toldEndsSuite(name: string, anAddress: () => Promise<string>): void {
  for (const [what, [type, end]] of Object.entries(ENDS))
    test(`${name}: ${type ?? "nothing"} is told of ${what}`, async () => {
      const endpoint = anEndpoint();
      await using told = await openTold([endpoint], await anAddress());
      const operation = await running(told);
      await end(told, operation);
      const events = await toldOf(told, endpoint.name);
      assert.deepEqual(
        events.map((each) => [each.type, each.subject]),
        type === undefined ? [] : [[type, formatName(operation)]],
      );
      for (const each of events) assert.equal(shardOf(each.operation.id), shardOf(operation.id));
    });

  test(`${name}: the cancellation of a pending operation is an event, once for each endpoint`, async () => {
    const endpoints = ["a", "b"].map((id) => anEndpoint({ name: `webhookEndpoints/${id}` }));
    await using told = await openTold(endpoints, await anAddress());
    const { operations } = told.engine;
    const operation = await operations.start(ANONYMOUS, {
      method: "pack",
      parent: "projects/p",
      request: {},
    });
    await operations.cancel(ANONYMOUS, formatName(operation));
    await operations.cancel(ANONYMOUS, formatName(operation));
    const events = (await Promise.all(endpoints.map((each) => toldOf(told, each.name)))).flat();
    assert.deepEqual(
      events.map(({ type }) => type),
      ["operation.cancelled", "operation.cancelled"],
    );
    assert.equal(new Set(events.map(({ id }) => id)).size, 1);
  });

  test(`${name}: retries and removals are events if the endpoint requests them`, async () => {
    const endpoint = anEndpoint({ eventTypes: ["operation.retrying", "operation.removed"] });
    await using told = await openTold([endpoint], await anAddress());
    const operation = await running(told);
    await told.engine.attempts.fail(operation, { ...refused, retryTime: told.clock.now() });
    await told.engine.attempts.complete(await claimed(told.engine, operation.id), EMPTY);
    await told.engine.operations.delete(ANONYMOUS, formatName(operation));
    await assert.rejects(told.engine.operations.delete(ANONYMOUS, formatName(operation)));
    const events = await toldOf(told, endpoint.name);
    assert.deepEqual(
      events.map(({ type, data }) => [type, data["done"]]),
      [
        ["operation.retrying", undefined],
        ["operation.removed", true],
      ],
    );
  });
}
