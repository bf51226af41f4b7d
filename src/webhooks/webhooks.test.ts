import assert from "node:assert/strict";
import { createPublicKey, verify } from "node:crypto";
import { suite, test } from "node:test";
import { Webhook } from "standardwebhooks";
import { LIMITS } from "../core/limits.ts";
import type { Log } from "../core/ports/log.ts";
import { systemClock } from "../core/ports/clock.ts";
import { allAre, type Answered, openWorld } from "./world.suite.ts";

/** The library rejects messages older than five minutes, so the clock must be the machine's. */
const NOW = { clock: systemClock };

suite("Webhooks", () => {
  test("report ends, signed so that the verifier of Standard Webhooks accepts the bytes that arrive", async () => {
    await using world = await openWorld(NOW);
    const { name, secret } = await world.endpoint();
    await world.start({ text: "ä" });
    await world.start({ fails: true });
    const arrivals = await world.receiver.until(2);
    const events = arrivals.map(({ body, headers }) => {
      const event = new Webhook(secret).verify(body, headers as Record<string, string>);
      return event as { readonly type: string; readonly data: { readonly done: boolean } };
    });
    assert.deepEqual(events.map(({ type }) => type).toSorted(), ["operation.failed", "operation.succeeded"]);
    assert.ok(events.every(({ data }) => data.done));
    await world.deliveries(name, allAre(2, "SUCCEEDED"));
  });

  test("are created, read, changed and removed, with an etag", async () => {
    await using world = await openWorld();
    const { call, receiver } = world;
    const made = await call("POST", "projects/p/webhookEndpoints?webhookEndpointId=billing", {
      url: receiver.url,
    });
    assert.equal(made.body.name, "projects/p/webhookEndpoints/billing");
    const { secret, ...shown } = made.body;
    assert.match(secret, /^whsec_/);
    const { name } = shown;
    assert.deepEqual((await call("GET", name)).body, shown);
    assert.deepEqual((await call("GET", "projects/p/webhookEndpoints")).body, { webhookEndpoints: [shown] });
    assert.deepEqual((await call("GET", "projects/q/webhookEndpoints")).body, {});
    const change = { filter: 'metadata.verb="echo"', eventTypes: ["operation.failed"], etag: shown.etag };
    const changed = await call("PATCH", name, change);
    assert.deepEqual([changed.body.filter, changed.body.eventTypes], [change.filter, change.eventTypes]);
    assert.equal(changed.body.url, shown.url);
    const cleared = await call("PATCH", `${name}?updateMask=filter`, {
      url: "ignored",
      etag: changed.body.etag,
    });
    assert.deepEqual([cleared.body.filter, cleared.body.url], [undefined, shown.url]);
    const stale = await call("PATCH", name, change);
    assert.deepEqual([stale.status, stale.body.error.details[0].reason], [409, "WEBHOOK_ENDPOINT_CHANGED"]);
    assert.equal((await call("DELETE", `${name}?etag=%221%22`)).status, 409);
    assert.deepEqual((await call("DELETE", name)).body, {});
    for (const method of ["GET", "DELETE"]) assert.equal((await call(method, name)).status, 404);
    assert.equal((await call("POST", `${name}:rotateSecret`, {})).status, 404);
  });

  test("sign with a private key on request, for receivers that know only the public key", async () => {
    await using world = await openWorld(NOW);
    const { call, receiver } = world;
    const given = { url: receiver.url, signature: "V1A" };
    const { body: made } = await call("POST", "projects/p/webhookEndpoints?webhookEndpointId=a", given);
    assert.deepEqual([made.signature, made.secret, made.publicKeys.length], ["V1A", undefined, 1]);
    assert.match(made.publicKeys[0], /^whpk_[A-Za-z0-9+/]{43}=$/);
    const { body: rotated } = await call("POST", `${made.name}:rotateSecret`, {});
    assert.deepEqual([rotated.secret, rotated.publicKeys[1]], [undefined, made.publicKeys[0]]);
    assert.notEqual(rotated.publicKeys[0], made.publicKeys[0]);
    await world.start();
    const [arrival] = await receiver.until(1);
    const {
      "webhook-id": id,
      "webhook-timestamp": timestamp,
      "webhook-signature": signed,
    } = arrival?.headers ?? {};
    const signatures = String(signed).split(" ");
    assert.equal(signatures.length, 2);
    const content = Buffer.from(`${String(id)}.${String(timestamp)}.${arrival?.body}`);
    for (const [index, text] of signatures.entries()) {
      const x = Buffer.from(rotated.publicKeys[index].slice(5), "base64").toString("base64url");
      const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
      assert.match(text, /^v1a,/);
      assert.ok(verify(null, content, key, Buffer.from(text.slice(4), "base64")));
    }
    const changed = await call("PATCH", made.name, { signature: "V1" });
    assert.match(changed.body.error.message, /'signature': it cannot be changed from V1A/);
    assert.equal(
      (await call("PATCH", made.name, { signature: "V1A", verify: "OPTIONS" })).body.verify,
      "OPTIONS",
    );
  });

  test("refuse nonsensical settings, and report each mistake", async () => {
    await using world = await openWorld();
    const cases: readonly (readonly [object, readonly string[]])[] = [
      [{}, ["url"]],
      [{ url: "http://10.0.0.1/", format: "XML", payload: "HALF" }, ["url", "format", "payload"]],
      [{ url: "https://example.com", signature: "v2", verify: "GET" }, ["signature", "verify"]],
      [{ url: "https://example.com", eventTypes: ["operation.progress"] }, ["eventTypes"]],
      [{ url: "https://example.com", filter: "metadata.verb=" }, ["filter"]],
      [{ url: "https://example.com", filter: "NOT a NOT b NOT c NOT d NOT e" }, ["filter"]],
    ];
    for (const [body, fields] of cases) {
      const refused = await world.call("POST", "webhookEndpoints", body);
      assert.equal(refused.status, 400);
      const [, { fieldViolations }] = refused.body.error.details;
      assert.deepEqual(
        fieldViolations.map(({ field }: { field: string }) => field),
        fields,
      );
    }
    const url = "https://example.com";
    for (const id of ["A", "-a", "a-", "1", "a_b", "a".repeat(64)])
      assert.equal(
        (await world.call("POST", `webhookEndpoints?webhookEndpointId=${id}`, { url })).status,
        400,
        id,
      );
    assert.equal((await world.call("POST", `a/operations/b/webhookEndpoints`, { url })).status, 400);
    const { name } = await world.endpoint({}, "projects/p");
    for (const path of ["name", "secret", "create_time", "nothing"])
      assert.equal((await world.call("PATCH", `${name}?updateMask=${path}`, { url })).status, 400, path);
    assert.equal((await world.call("PATCH", name, { state: "ASLEEP" })).status, 400);
    assert.equal((await world.call("POST", `${name}:recover`, {})).status, 400);
  });

  test("are limited in number for a parent, and unique by name", async () => {
    await using world = await openWorld();
    const { webhookEndpointsOfParentMax: most } = LIMITS;
    for (let index = 0; index < most; index++) await world.endpoint();
    const many = await world.call("POST", "projects/p/webhookEndpoints", { url: world.receiver.url });
    assert.deepEqual([many.status, many.body.error.status], [429, "RESOURCE_EXHAUSTED"]);
    const named = "projects/q/webhookEndpoints?webhookEndpointId=a";
    const twice = [await world.call("POST", named, { url: world.receiver.url })];
    twice.push(await world.call("POST", named, { url: world.receiver.url }));
    assert.deepEqual(
      twice.map(({ status }) => status),
      [200, 409],
    );
  });

  test("sign with the old secret and the new one for a day", async () => {
    await using world = await openWorld();
    const { name, secret: old } = await world.endpoint();
    const { secret } = (await world.call("POST", `${name}:rotateSecret`, {})).body as { secret: string };
    assert.notEqual(secret, old);
    const signed = async (): Promise<number> => {
      const { length } = world.receiver.arrivals;
      await world.call("POST", `${name}:ping`, {});
      const arrival = (await world.receiver.until(length + 1)).at(-1);
      return String(arrival?.headers["webhook-signature"]).split(" ").length;
    };
    assert.equal(await signed(), 2);
    await world.call("POST", `${name}:rotateSecret`, {});
    assert.equal(await signed(), 2, "never more than two are live");
    world.clock.setWall(world.clock.now() + LIMITS.webhookRotationMs - 1);
    assert.equal(await signed(), 2);
    world.clock.setWall(world.clock.now() + 1);
    assert.equal(await signed(), 1);
  });

  test("repeat failed deliveries since an instant, and a single delivery", async () => {
    await using world = await openWorld();
    const { name } = await world.endpoint();
    world.receiver.answer = (response) => void response.writeHead(410).end();
    await world.start();
    await world.deliveries(name, allAre(1, "FAILED"));
    await world.clock.advance(10_000);
    const since = new Date(world.clock.now()).toISOString();
    await world.call("PATCH", name, { state: "ENABLED" });
    await world.start();
    const failed = await world.deliveries(name, allAre(2, "FAILED"));
    await world.call("PATCH", name, { state: "ENABLED" });
    world.receiver.answer = (response) => void response.writeHead(204).end();
    assert.deepEqual((await world.call("POST", `${name}:recover`, { since })).body, { count: 1 });
    const recovered = await world.deliveries(name, (all) => all.at(-1)?.state === "SUCCEEDED");
    assert.equal(recovered.at(-1)?.eventId, failed[1]?.eventId);
    await world.call("POST", `${failed[0]?.name}:redeliver`, {});
    const again = await world.deliveries(name, (all) => all.length === 4 && all[3]?.state === "SUCCEEDED");
    assert.equal(again[3]?.eventId, failed[0]?.eventId);
    const { body } = await world.call("GET", `${failed[0]?.name}`);
    assert.deepEqual([body.name, body.state], [failed[0]?.name, "FAILED"]);
    for (const missing of [`${name}/deliveries/01a227a5-4a2a-7000-9f21-3a9d5c9ac0a1`, `${name}/deliveries/x`])
      assert.equal((await world.call("GET", missing)).status, 404);
    const filter = encodeURIComponent('metadata.state="FAILED"');
    const page = await world.call("GET", `${name}/deliveries?filter=${filter}&pageSize=1`);
    assert.equal(page.body.deliveries.length, 1);
    assert.ok(page.body.nextPageToken);
  });

  test("are delivered in the turns of the tenant of the operation, or of the endpoint's owner", async () => {
    await using world = await openWorld({ access: { tenants: ["projects/*"] }, admin: "read" });
    const { name } = await world.endpoint({}, "");
    const { name: own } = await world.endpoint({}, "projects/q");
    await world.start({}, "projects/p");
    await world.call("POST", `${own}:ping`, {});
    const [ofEnd] = await world.deliveries(name, allAre(1, "SUCCEEDED"));
    const [ofPing] = await world.deliveries(own, allAre(1, "SUCCEEDED"));
    await world.call("POST", `${ofPing?.name}:redeliver`, {});
    const [, again] = await world.deliveries(own, allAre(2, "SUCCEEDED"));
    const tenants = [ofEnd, ofPing, again].map(async (delivery) => {
      const operation = delivery?.name.replace("/deliveries/", "/operations/");
      const response = await fetch(`${world.server.url}/admin/v1/longrunning/${operation}`);
      return ((await response.json()) as { tenant?: string }).tenant;
    });
    assert.deepEqual(await Promise.all(tenants), ["projects/p", "projects/q", "projects/q"]);
  });

  test("may be fixed in the settings, and then change only there; nobody can read their secrets", async () => {
    const secret = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
    const logged: unknown[] = [];
    const note = (...all: unknown[]): void => void logged.push(all);
    const log: Log = { debug: note, info: note, warn: note, error: note };
    const world = await openWorld({ ...NOW, log });
    const endpoint = { id: "fixed", parent: "projects/p", url: `${world.receiver.url}/`, secrets: [secret] };
    await using fixed = await openWorld({ ...NOW, log, webhookEndpoints: [endpoint] });
    await using _ = world;
    const name = "projects/p/webhookEndpoints/fixed";
    await fixed.start();
    const [arrival] = await world.receiver.until(1);
    assert.ok(new Webhook(secret).verify(arrival?.body ?? "", arrival?.headers as Record<string, string>));
    const answers = [
      await fixed.call("GET", name),
      await fixed.call("GET", "projects/p/webhookEndpoints"),
      await fixed.call("PATCH", name, { url: "https://example.com" }),
      await fixed.call("DELETE", name),
      await fixed.call("POST", `${name}:rotateSecret`, {}),
      await fixed.call("POST", `${name}:ping`, {}),
    ];
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 200, 400, 400, 400, 200],
    );
    world.receiver.answer = (response) => void response.writeHead(410).end();
    await fixed.start();
    await fixed.deliveries(name, (all) => all.some(({ state }) => state === "FAILED"));
    answers.push(await fixed.call("GET", `${name}/deliveries`), await fixed.call("GET", name));
    assert.equal(answers.at(-1)?.body.state, "ENABLED");
    const seen = JSON.stringify([answers, logged]);
    assert.doesNotMatch(seen, new RegExp(secret.slice(6, 30)));
    await assert.rejects(
      openWorld({ webhookEndpoints: [{ ...endpoint, secrets: [`${secret}!`] }] }),
      (error: Error) => {
        assert.match(error.message, /webhookEndpoints\[0\]\.secrets: expected 1 or 2/);
        assert.doesNotMatch(error.message, new RegExp(secret.slice(6, 30)));
        return true;
      },
    );
  });

  test("do not exist unless they are switched on", async () => {
    await using world = await openWorld({ webhooks: false });
    assert.equal((await world.call("GET", "projects/p/webhookEndpoints")).status, 404);
    assert.equal(
      (await world.call("POST", "projects/p/webhookEndpoints", { url: "https://example.com" })).status,
      404,
    );
  });

  test("are not cancelled by a bulk action, but by name", async () => {
    await using world = await openWorld(NOW);
    const { name } = await world.endpoint();
    world.receiver.answer = (response) => void response.writeHead(503).end();
    await world.start();
    await world.deliveries(name, ([each]) => (each?.failedTries?.length ?? 0) > 0);
    const operator = async (path: string, body?: object): Promise<Answered["body"]> => {
      const { status, body: answer } = await world.call(body ? "POST" : "GET", `../admin/v1/${path}`, body);
      assert.equal(status, 200, JSON.stringify(answer));
      return answer;
    };
    const cancelAll = async (of: Readonly<Record<string, string>>): Promise<unknown> => {
      const query = new URLSearchParams(of).toString();
      const { count = 0, notAfter } = await operator(`operations:count?${query}`);
      const bulk = await operator("bulk", { action: "cancel", ...of, notAfter, expected: count });
      const ended = await world.call("POST", `${bulk.name}:wait`, { timeout: "30s" });
      assert.equal(ended.body.error, undefined, JSON.stringify(ended.body));
      return [count, ended.body.response?.value?.done ?? 0];
    };
    assert.deepEqual(await cancelAll({}), [1, 0]);
    const [kept] = await world.deliveries(name, ([each]) => each !== undefined);
    assert.equal(kept?.state, "PENDING");
    assert.deepEqual(await cancelAll({ method: "longrunning.deliver" }), [1, 1]);
    await world.deliveries(name, allAre(1, "CANCELLED"));
  });
});
