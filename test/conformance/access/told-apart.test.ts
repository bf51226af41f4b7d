import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { z } from "zod";
import { StatusError } from "../../../src/core/error/error.ts";
import { defineMethod } from "../../../src/core/method/method.ts";
import { type Permission, PERMISSIONS } from "../../../src/core/permission.ts";
import { LOOPBACK, Receiver } from "../../../src/outbound/receiver.suite.ts";
import { ManualClock } from "../../../src/testing/manual-clock.ts";
import { EVENT_TYPES, type EventType } from "../../../src/webhooks/endpoints/endpoint.ts";
import type { FixedEndpoint } from "../../../src/webhooks/endpoints/fixed.ts";
import { IS_LONG } from "../../support/long.ts";
import { CALLERS, type GivenGrant, PARENTS, permits, rulesOf, someGrants } from "./some-grants.ts";
import { type AccessServer, openAccessServer } from "./tenants.ts";

/**
 * Random grants, endpoints, callbacks and operations. The oracle is a walk over the endpoints for
 * each end of an operation: which of them its event goes to, and whether the creator of each may
 * have it. The commit that ends an operation stores its deliveries; so the delivery logs are whole
 * as soon as all operations have ended, and nothing that is not in them is ever sent.
 */

const SECRETS = [`whsec_${Buffer.alloc(32, 7).toString("base64")}`];
/** Creates the endpoints that are refused to no caller, and reads the delivery logs. */
const ROOT = { members: ["user:root"], role: "admin", parent: "*" };
const WAYS = ["succeeded", "failed", "cancelled", "goes on"] as const;

const end = defineMethod({
  name: "end",
  request: z.object({ way: z.enum(WAYS) }),
  run: async ({ way }, { signal }) => {
    if (way === "failed") throw new StatusError("NOT_FOUND", "No such file.");
    if (way === "succeeded") return;
    await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  },
});

/** An endpoint to create, or one in the settings. */
interface Wanted {
  readonly parent: string;
  readonly eventTypes: readonly EventType[];
  readonly filter: string;
}

/** An operation to start. `called` is whether the start names a callback URL. */
interface Asked {
  readonly parent: string;
  readonly way: (typeof WAYS)[number];
  readonly called: boolean;
}

interface World {
  readonly grants: readonly GivenGrant[];
  readonly made: readonly (Wanted & { readonly who: string })[];
  readonly fixed: readonly Wanted[];
  /** The parents of the endpoints for callbacks. */
  readonly callbacks: readonly string[];
  readonly operations: readonly Asked[];
}

const wanted = {
  parent: fc.constantFrom(...PARENTS),
  eventTypes: fc.subarray(
    [...EVENT_TYPES].filter((type) => /succeeded|failed|cancelled/.test(type)),
    {
      minLength: 1,
    },
  ),
  filter: fc.constantFrom("", "", "error:*", "NOT error:*"),
};

const WORLDS: fc.Arbitrary<World> = fc.record({
  grants: someGrants([PERMISSIONS.createEndpoint, PERMISSIONS.get]),
  made: fc.array(fc.record({ ...wanted, who: fc.constantFrom(...CALLERS, "root") }), {
    minLength: 4,
    maxLength: 8,
  }),
  fixed: fc.array(fc.record(wanted), { maxLength: 2 }),
  callbacks: fc.uniqueArray(fc.constantFrom(...PARENTS), { maxLength: 3 }),
  operations: fc.array(
    fc.record({
      parent: fc.constantFrom(...PARENTS, "projects", "projects/b/locations/l"),
      way: fc.constantFrom(...WAYS),
      called: fc.boolean(),
    }),
    { minLength: 8, maxLength: 14 },
  ),
});

/** An endpoint that exists: its creator is undefined for those of the settings. */
interface Known extends Wanted {
  readonly name: string;
  readonly path: string;
  readonly who?: string;
}

const nameOf = (parent: string, id: string): string =>
  `${parent === "" ? "" : `${parent}/`}webhookEndpoints/${id}`;
const isWithin = (parent: string, other: string): boolean =>
  other === "" || `${parent}/`.startsWith(`${other}/`);

/** The endpoints of the settings. */
function settingsOf({ fixed, callbacks }: World, url: string): readonly FixedEndpoint[] {
  const ofCallbacks = callbacks.map((parent, index) => ({
    id: `callbacks-${index}`,
    parent,
    callbackHosts: ["127.0.0.1"],
    secrets: SECRETS,
  }));
  const others = fixed.map((each, index) => ({
    ...each,
    id: `fixed-${index}`,
    url: `${url}/fixed-${index}`,
    secrets: SECRETS,
  }));
  return [...others, ...ofCallbacks];
}

/** Creates endpoints over REST. @returns those that the grants allow, which are compared */
async function make(server: AccessServer, { made, grants }: World, url: string): Promise<Known[]> {
  const known: Known[] = [];
  for (const [index, { who, parent, eventTypes, filter }] of made.entries()) {
    const id = `made-${index}`;
    const path = `/v1/${nameOf(parent, id).slice(0, -id.length - 1)}?webhookEndpointId=${id}`;
    const spec = { url: `${url}/${id}`, eventTypes, filter };
    const { status, text } = await server.send(who, "POST", path, spec);
    const may = who === "root" || permits(grants, { who, permission: PERMISSIONS.createEndpoint, parent });
    assert.equal(status, may ? 200 : who === "" ? 401 : 403, `${who} creates ${path}: ${text}`);
    if (may) known.push({ name: nameOf(parent, id), path: `/${id}`, parent, eventTypes, filter, who });
  }
  return known;
}

/** Starts and ends operations, and adds those that began. */
async function run(server: AccessServer, world: World, { url, begun }: Running): Promise<void> {
  const { operations } = server;
  for (const [index, asked] of world.operations.entries()) {
    const { parent, way, called } = asked;
    const callback = called ? { callbackUrl: `${url}/callback-${index}` } : {};
    const started = operations.start(end, { way }, { parent, ...callback });
    if (called && !world.callbacks.some((each) => isWithin(parent, each))) {
      await assert.rejects(started, (error: StatusError) => error.reason === "CALLBACK_URL_INVALID");
      continue;
    }
    const { name } = await started;
    begun.set(name, asked);
    if (way === "cancelled") await operations.cancel(name);
    if (way !== "goes on") await operations.wait(name);
  }
}

/** The operations that began, and the address of the receiver. */
interface Running {
  readonly url: string;
  readonly begun: Map<string, Asked>;
}

/** The deliveries of an endpoint, as the name of an operation and the type of its event. */
async function told(server: AccessServer, endpoint: string): Promise<readonly string[]> {
  const { text, body } = await server.send("root", "GET", `/v1/${endpoint}/deliveries?pageSize=100`);
  const { deliveries } = body as { readonly deliveries?: readonly { subject: string; eventType: string }[] };
  assert.ok(!text.includes("nextPageToken"));
  return (deliveries ?? []).map(({ subject, eventType }) => `${eventType} of ${subject}`).toSorted();
}

/** Whether an endpoint wants the end of an operation. */
function wants({ eventTypes, filter }: Omit<Wanted, "parent">, way: Asked["way"]): boolean {
  if (way === "goes on" || !eventTypes.includes(`operation.${way}`)) return false;
  return filter === "" || (filter === "error:*") === (way !== "succeeded");
}

const ALL_ENDS = { eventTypes: EVENT_TYPES, filter: "" };

async function check(world: World): Promise<number> {
  await using receiver = await Receiver.open();
  const { url } = receiver;
  const { grants } = world;
  const rules = { ...(JSON.parse(rulesOf(grants)) as object), tenants: ["projects/*"] };
  const options = {
    clock: new ManualClock(),
    statistics: false,
    webhooks: true,
    webhookEndpoints: settingsOf(world, url),
    webhookAllow: LOOPBACK,
  } as const;
  const text = JSON.stringify({ ...rules, grants: [...grants, ROOT] });
  await using server = await openAccessServer(text, options, [end]);
  const known: Known[] = await make(server, world, url);
  for (const [index, each] of world.fixed.entries())
    known.push({ ...each, name: nameOf(each.parent, `fixed-${index}`), path: `/fixed-${index}` });
  const begun = new Map<string, Asked>();
  // A server on this clock would wait for the handlers that are still running.
  await using _ = {
    [Symbol.asyncDispose]: async () => {
      for (const [name, { way }] of begun) if (way === "goes on") await server.operations.cancel(name);
    },
  };
  await run(server, world, { url, begun });
  const sent: string[] = [];
  for (const { name, path, parent, who, ...want } of known) {
    const ends = [...begun].filter(([, asked]) => isWithin(asked.parent, parent) && wants(want, asked.way));
    const expected = ends.map(([operation, { way }]) => `operation.${way} of ${operation}`);
    assert.deepEqual(await told(server, name), expected.toSorted(), name);
    sent.push(...expected.map((event) => `${path}: ${event}`));
    const permission: Permission = PERMISSIONS.createEndpoint;
    for (const [operation, asked] of ends)
      if (who !== undefined && who !== "root")
        assert.ok(permits(grants, { who, permission, parent: asked.parent }), `${who} sees ${operation}`);
  }
  for (const [index, parent] of world.callbacks.entries()) {
    const isNearest = (of: string): boolean =>
      isWithin(of, parent) &&
      world.callbacks.every((other) => !isWithin(of, other) || isWithin(parent, other));
    const ends = [...begun].filter(
      ([, { parent: of, called, way }]) => called && isNearest(of) && wants(ALL_ENDS, way),
    );
    const expected = ends.map(([operation, { way }]) => `operation.${way} of ${operation}`);
    assert.deepEqual(await told(server, nameOf(parent, `callbacks-${index}`)), expected.toSorted());
    for (const [operation, asked] of ends)
      sent.push(`/callback-${world.operations.indexOf(asked)}: operation.${asked.way} of ${operation}`);
  }
  const arrived = (): Set<string> =>
    new Set(
      receiver.arrivals.map(({ path, body }) => {
        const { type, data } = JSON.parse(body) as { type: string; data: { name: string } };
        return `${path}: ${type} of ${data.name}`;
      }),
    );
  while (!arrived().isSupersetOf(new Set(sent))) await receiver.until(receiver.arrivals.length + 1);
  assert.deepEqual([...arrived()].toSorted(), sent.toSorted());
  return sent.length;
}

test("for any grants, endpoints get exactly the events that a walk over the grants allows", async () => {
  let events = 0;
  const property = fc.asyncProperty(WORLDS, async (world) => {
    events += await check(world);
  });
  // A failure prints the seed and the smallest world that still fails.
  await fc.assert(property, { seed: 11, numRuns: IS_LONG ? 100 : 6 });
  assert.ok(events > 20, `${events} events were compared`);
});
