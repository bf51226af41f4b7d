import assert from "node:assert/strict";
import { test } from "node:test";
import { ANONYMOUS } from "../core/caller.ts";
import { LIMITS } from "../core/limits.ts";
import { formatName } from "../core/operation/name.ts";
import { EMPTY, type Payload, STRUCT } from "../core/operation/payload.ts";
import type { Endpoint } from "./endpoints/endpoint.ts";
import { anEndpoint, openTold, running, toldEndsSuite, toldOf } from "./told-ends.suite.ts";

const of = (parent: string, id: string): Endpoint =>
  anEndpoint({ parent, name: `${parent === "" ? "" : `${parent}/`}webhookEndpoints/${id}` });

const responseOf = (length: number): Payload => ({
  type: STRUCT,
  json: `{"n":12345678901234567890,"a":"${"x".repeat(length)}"}`,
});

toldEndsSuite("SQLite", async () => "sqlite::memory:");

test("an endpoint gets events of its parent and of everything below it, and of nothing else", async () => {
  const endpoints = [of("", "root"), of("projects/p", "p"), of("projects/p/locations/l", "l")];
  await using told = await openTold(endpoints);
  for (const parent of ["", "projects/p", "projects/p/locations/l", "projects/pp", "projects"])
    await told.engine.attempts.complete(await running(told, parent), EMPTY);
  const parentsOf = async ({ name }: { name: string }): Promise<unknown[]> =>
    (await toldOf(told, name)).map(({ data }) => data["parent"]);
  assert.deepEqual(await Promise.all(endpoints.map(parentsOf)), [
    ["", "projects/p", "projects/p/locations/l", "projects/pp", "projects"],
    ["projects/p", "projects/p/locations/l"],
    ["projects/p/locations/l"],
  ]);
});

test("a filter and a state restrict the events of an endpoint", async () => {
  const endpoints = [
    anEndpoint({ name: "webhookEndpoints/errors", filter: "error:*" }),
    anEndpoint({ name: "webhookEndpoints/off", state: "DISABLED" }),
    anEndpoint({ name: "webhookEndpoints/failed", eventTypes: ["operation.failed"] }),
  ];
  await using told = await openTold(endpoints);
  const { attempts } = told.engine;
  await attempts.complete(await running(told), EMPTY);
  const error = { code: "ABORTED", message: "no", details: [] } as const;
  await attempts.fail(await running(told), { error, exception: null, retryTime: null });
  const types = await Promise.all(
    endpoints.map(async ({ name }) => (await toldOf(told, name)).map(({ type }) => type)),
  );
  assert.deepEqual(types, [["operation.failed"], [], ["operation.failed"]]);
});

test("deliveries are operations of the service itself: they cause no events, and lists omit them", async () => {
  const endpoint = anEndpoint({
    eventTypes: ["operation.succeeded", "operation.cancelled", "operation.removed"],
  });
  await using told = await openTold([endpoint]);
  const { operations, attempts } = told.engine;
  const operation = await running(told);
  await attempts.complete(operation, EMPTY);
  const [event] = await toldOf(told, endpoint.name);
  assert.ok(event !== undefined);
  const wide = await operations.list(ANONYMOUS, { parent: "-" });
  assert.deepEqual(
    wide.operations.map(({ id }) => id),
    [operation.id],
  );
  await operations.cancel(ANONYMOUS, formatName(event.operation));
  await operations.delete(ANONYMOUS, formatName(event.operation));
  assert.deepEqual(await toldOf(told, endpoint.name), []);
});

test("an event has the operation as Get returns it, or only its name, and no payload that is too large", async () => {
  const endpoints = (["FULL", "THIN"] as const).map((content) =>
    anEndpoint({ name: `webhookEndpoints/${content.toLowerCase()}`, content }),
  );
  await using told = await openTold(endpoints);
  const { attempts } = told.engine;
  await attempts.complete(await running(told), responseOf(1));
  await attempts.complete(await running(told), responseOf(LIMITS.webhookDataBytesMax));
  const error = {
    code: "ABORTED",
    message: "why",
    details: [{ "@type": "t/x", a: "x".repeat(20_000) }],
  } as const;
  await attempts.fail(await running(told), { error, exception: null, retryTime: null });
  const [full = [], thin = []] = await Promise.all(endpoints.map(({ name }) => toldOf(told, name)));
  assert.match(full[0]?.operation.request ?? "", /12345678901234567890/);
  const keys = full.map(({ data }) => Object.keys(data).join());
  assert.deepEqual(keys, [
    "name,metadata,done,response,revision,method,parent",
    "name,metadata,done,revision,method,parent,truncated",
    "name,metadata,done,error,revision,method,parent,truncated",
  ]);
  assert.deepEqual(full[2]?.data["error"], { code: 10, message: "why" });
  for (const { operation } of full)
    assert.equal((operation.deadlineTime ?? 0) - operation.createTime, LIMITS.webhookDeliveryMsMax);
  for (const { operation } of full) assert.ok(operation.request.length < 2 * LIMITS.webhookDataBytesMax);
  for (const { data } of thin) assert.deepEqual(Object.keys(data), ["name", "revision", "method", "parent"]);
});
