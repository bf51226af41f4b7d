import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { LIMITS } from "../core/limits.ts";
import { type Asked, askAt } from "../server/admin/operators-server.suite.ts";
import { newSecret } from "./endpoints/secret.ts";
import { allAre, openWorld, type World } from "./world.suite.ts";
import { seededRandom } from "../testing/seeded-random.ts";

/**
 * Calls the operators' service. Asserts that every answer except an expected refusal is a success.
 */
function operatorOf(world: World): {
  get(this: void, path: string): Promise<Asked>;
  post(this: void, path: string): Promise<Asked>;
} {
  const ask = (method: string, path: string, body?: object): Promise<Asked> =>
    askAt(`${world.server.url}/admin/v1/${path}`, method, { body });
  return { get: (path) => ask("GET", path), post: (path) => ask("POST", path, {}) };
}

// oxlint-disable-next-line typescript/no-explicit-any -- JSON that each test knows
const json = (asked: Asked): any => asked.json;

suite("operators' webhooks", () => {
  test("are the endpoints of all parents, with the last hour's deliveries and without secrets", async () => {
    const fixed = { id: "fixed", callbackHosts: ["example.com"], secrets: [newSecret(seededRandom(7))] };
    await using world = await openWorld({ webhookEndpoints: [fixed] });
    const { get } = operatorOf(world);
    const { name, secret } = await world.endpoint({}, "projects/p/locations/l");
    const other = await world.endpoint({ eventTypes: ["operation.failed"] }, "projects/q");
    await world.start({}, "projects/p/locations/l");
    await world.deliveries(name, allAre(1, "SUCCEEDED"));
    world.receiver.answer = (response) => void response.writeHead(503).end();
    await world.start({ fails: true }, "projects/q");
    await world.deliveries(other.name, ([one]) => one?.failedTries?.length === 1);
    const list = await get("webhookEndpoints");
    assert.equal(list.status, 200);
    const states = json(list).webhooks.map(
      // oxlint-disable-next-line typescript/no-explicit-any -- JSON that the test knows
      ({ endpoint, delivered = 0, failed = 0, retrying = 0 }: any) => [
        endpoint.name,
        endpoint.fixed ?? false,
        [delivered, failed, retrying],
      ],
    );
    assert.deepEqual(states, [
      [name, false, [1, 0, 0]],
      [other.name, false, [0, 0, 1]],
      ["webhookEndpoints/fixed", true, [0, 0, 0]],
    ]);
    const hour = Date.parse(json(list).asOf) - Date.parse(json(list).countedSince);
    assert.equal(hour, LIMITS.webhookCountedMs);
    const detail = await get(other.name);
    assert.equal(json(detail).collection, `longrunning/${other.name}`);
    const [delivery] = json(detail).deliveries;
    assert.deepEqual(
      [delivery.state, delivery.eventType, delivery.failedTries[0].error],
      ["PENDING", "operation.failed", "The receiver answered 503."],
    );
    assert.ok(Date.parse(delivery.nextTryTime) > Date.parse(json(detail).asOf));
    assert.equal(json(detail).state.failingTries, 1);
    assert.ok(json(detail).state.failingSince);
    assert.doesNotMatch(list.text + detail.text, /whsec_/);
    assert.doesNotMatch(list.text + detail.text, new RegExp(RegExp.escape(secret)));
    await world.clock.advance(LIMITS.webhookCountedMs + 1);
    const [later] = json(await get("webhookEndpoints")).webhooks;
    assert.equal(later.delivered, undefined, "an hour later the delivery is none of the last hour");
  });

  test("are pinged, disabled, enabled, redelivered, and given a new secret", async () => {
    await using world = await openWorld();
    const { get, post } = operatorOf(world);
    const { name, secret } = await world.endpoint();
    assert.equal(json(await post(`${name}:ping`)).eventType, "endpoint.ping");
    const [{ name: delivery }] = (await world.deliveries(name, allAre(1, "SUCCEEDED"))) as unknown as [
      { name: string },
    ];
    assert.equal(json(await post(`${delivery}:redeliver`)).subject, name);
    await world.deliveries(name, allAre(2, "SUCCEEDED"));
    assert.equal(json(await get(name)).deliveries.length, 2, "what an operator did is seen at once");
    const disabled = json(await post(`${name}:disable`));
    assert.deepEqual([disabled.state, disabled.disableReason], ["DISABLED", "An operator disabled it."]);
    assert.equal(json(await get(name)).state.endpoint.disableReason, "An operator disabled it.");
    const enabled = json(await post(`${name}:enable`));
    assert.deepEqual([enabled.state, enabled.disableReason], ["ENABLED", undefined]);
    const rotated = json(await post(`${name}:rotateSecret`)).secret;
    assert.match(rotated, /^whsec_/);
    assert.notEqual(rotated, secret);
    const unknown = await post("projects/p/webhookEndpoints/none:ping");
    assert.deepEqual([unknown.status, unknown.reason], [404, "WEBHOOK_ENDPOINT_NOT_FOUND"]);
  });

  test("are read-only for an operator with read access", async () => {
    await using world = await openWorld({ admin: "read" });
    const { get, post } = operatorOf(world);
    const { name } = await world.endpoint();
    await world.start();
    const [{ name: delivery }] = (await world.deliveries(name, allAre(1, "SUCCEEDED"))) as unknown as [
      { name: string },
    ];
    assert.equal((await get("webhookEndpoints")).status, 200);
    assert.equal((await get(name)).status, 200);
    for (const path of ["ping", "enable", "disable", "rotateSecret"].map((verb) => `${name}:${verb}`))
      assert.equal((await post(path)).reason, "ADMIN_READ_ONLY", path);
    assert.equal((await post(`${delivery}:redeliver`)).reason, "ADMIN_READ_ONLY");
    await world.deliveries(name, allAre(1, "SUCCEEDED"));
    assert.equal(json(await get("session")).webhooks, true);
  });

  test("cannot be changed if the settings fix them, but can be read", async () => {
    const fixed = { id: "fixed", callbackHosts: ["example.com"], secrets: [newSecret(seededRandom(7))] };
    await using world = await openWorld({ webhooks: false, webhookEndpoints: [fixed] });
    const { get, post } = operatorOf(world);
    const name = "webhookEndpoints/fixed";
    assert.equal(json(await get(name)).state.endpoint.fixed, true);
    assert.equal((await post(`${name}:disable`)).reason, "WEBHOOK_ENDPOINT_FIXED");
    assert.equal((await post(`${name}:rotateSecret`)).reason, "WEBHOOK_ENDPOINT_FIXED");
    const ping = await post(`${name}:ping`);
    assert.deepEqual([ping.status, ping.reason], [400, "REQUEST_INVALID"]);
  });

  test("do not exist on a server without webhooks", async () => {
    await using world = await openWorld({ webhooks: false });
    const { get, post } = operatorOf(world);
    assert.equal(json(await get("session")).webhooks, undefined);
    assert.deepEqual((await get("webhookEndpoints")).json, {});
    for (const asked of [await get("webhookEndpoints/a"), await post("webhookEndpoints/a:ping")])
      assert.deepEqual([asked.status, asked.reason], [404, "WEBHOOK_ENDPOINT_NOT_FOUND"]);
  });
});
