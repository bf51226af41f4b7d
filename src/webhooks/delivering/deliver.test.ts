import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { parseDurationMs } from "../../core/value/duration.ts";
import { LIMITS } from "../../core/limits.ts";
import { Receiver } from "../../outbound/receiver.suite.ts";
import { Proxy } from "../../outbound/tunnel.suite.ts";
import { allAre, type Delivery, openWorld, type World } from "../world.suite.ts";
import { deliverMethod } from "./deliver.ts";
import { DELIVERY_RETRIES } from "./retries.ts";

/**
 * Advances the clock to the next attempt of the only delivery, and waits until it has failed, too.
 */
async function nextFailure(world: World, name: string, tries: number): Promise<Delivery> {
  const [delivery] = await world.deliveries(name, ([first]) => first?.nextTryTime !== undefined);
  await world.clock.advance(Date.parse(delivery?.nextTryTime ?? "") - world.clock.now() + 10);
  return failed(world, name, tries);
}

/** The only delivery, once this many of its attempts have failed and are stored. */
async function failed(world: World, name: string, tries: number): Promise<Delivery> {
  await world.receiver.until(tries);
  const isFailed = ([first]: readonly Delivery[]): boolean =>
    first?.failedTries?.length === tries && first.state !== "RUNNING";
  const [delivery] = await world.deliveries(name, isFailed);
  assert.ok(delivery !== undefined);
  return delivery;
}

/** Whether as many deliveries have failed as may run at once for one host. */
function asManyFailed(all: readonly Delivery[]): boolean {
  const tried = all.filter(({ failedTries = [] }) => failedTries.length > 0);
  return tried.length === LIMITS.webhooksAtOncePerHost;
}

suite("Deliveries", () => {
  test("have ten tries over three days", () => {
    const { retry } = deliverMethod(() => Promise.reject(new Error("not called")));
    assert.equal(retry.attempts, 10);
    const days = retry.delaysMs?.reduce((sum, each) => sum + each, 0);
    assert.equal(days, 272_105_000, "75 h 35 min 5 s");
  });

  test("are retried by the list of delays, as the same event", async () => {
    await using world = await openWorld();
    const { name } = await world.endpoint();
    world.receiver.answer = (response) => void response.writeHead(503).end("internal text");
    await world.start();
    let delivery = await failed(world, name, 1);
    for (const [index, delay] of DELIVERY_RETRIES.slice(0, 2).entries()) {
      assert.equal(delivery.state, "PENDING");
      const waitMs = Date.parse(delivery.nextTryTime ?? "") - world.clock.now();
      const full = parseDurationMs(delay) ?? 0;
      assert.ok(waitMs >= 0.8 * full && waitMs <= 1.2 * full, `${delay}: ${waitMs} ms`);
      delivery = await nextFailure(world, name, index + 2);
    }
    assert.equal(delivery.failedTries?.[2]?.error, "The receiver answered 503.");
    assert.doesNotMatch(JSON.stringify(delivery), /internal text/);
    const ids = world.receiver.arrivals.map(({ headers }) => headers["webhook-id"]);
    assert.deepEqual([ids.length, new Set(ids).size], [3, 1]);
    const times = world.receiver.arrivals.map(({ headers }) => Number(headers["webhook-timestamp"]));
    assert.deepEqual(
      times,
      [...new Set(times)].toSorted((a, b) => a - b),
    );
  });

  test("spare a receiver that failed five times in a row, and continue when it answers", async () => {
    await using world = await openWorld();
    const { name } = await world.endpoint();
    const { receiver, clock } = world;
    receiver.answer = (response) => void response.writeHead(503).end();
    const failures = LIMITS.webhookProbeAfter;
    for (let tries = 1; tries <= failures; tries++) {
      await world.start();
      await world.deliveries(name, (all) => all[tries - 1]?.failedTries?.length === 1);
    }
    await world.start();
    const isPutOff = ({ nextTryTime = "", failedTries }: Delivery): boolean =>
      failedTries === undefined && Date.parse(nextTryTime) - clock.now() > LIMITS.webhookProbeMs / 2;
    await world.deliveries(name, (all) => all.length === failures + 1 && all.slice(failures).every(isPutOff));
    assert.equal(receiver.arrivals.length, failures);
    receiver.answer = (response) => void response.writeHead(204).end();
    let all: readonly Delivery[];
    do {
      await clock.advance(LIMITS.webhookAnswerMsMax - 1);
      // The clock must not go on, and give up a delivery that is under way.
      all = await world.deliveries(name, (some) => some.every(({ state }) => state !== "RUNNING"));
    } while (!allAre(failures + 1, "SUCCEEDED")(all));
  });

  test("wait as long as the receiver asks them to, and succeed in the end", async () => {
    await using world = await openWorld();
    const { name } = await world.endpoint();
    world.receiver.answer = (response) => void response.writeHead(429, { "retry-after": "30" }).end();
    await world.start();
    const { nextTryTime = "" } = await failed(world, name, 1);
    assert.equal(Date.parse(nextTryTime) - world.clock.now(), 30_000);
    world.receiver.answer = (response) => void response.writeHead(202).end();
    await world.clock.advance(31_000);
    const [delivery] = await world.deliveries(name, allAre(1, "SUCCEEDED"));
    assert.equal(delivery?.status, 202);
  });

  test("end if the receiver is gone, which disables the endpoint until its owner enables it", async () => {
    await using world = await openWorld();
    const { name } = await world.endpoint();
    world.receiver.answer = (response) => void response.writeHead(410).end();
    await world.start();
    await world.deliveries(name, allAre(1, "FAILED"));
    const { body } = await world.call("GET", name);
    assert.deepEqual([body.state, body.disableReason], ["DISABLED", "The receiver answered 410 Gone."]);
    await world.start();
    world.receiver.answer = (response) => void response.writeHead(204).end();
    const enabled = await world.call("PATCH", `${name}?update_mask=state`, { state: "ENABLED" });
    assert.deepEqual([enabled.body.state, enabled.body.disableReason], ["ENABLED", undefined]);
    await world.start();
    const deliveries = await world.deliveries(name, (all) => all.at(-1)?.state === "SUCCEEDED");
    assert.equal(deliveries.length, 2, "nothing is told while it is disabled");
  });

  test("to a hanging receiver delay no other receiver", async () => {
    await using quick = await Receiver.open();
    await using world = await openWorld();
    const slow = await world.endpoint();
    world.receiver.answer = () => {};
    const count = 3 * LIMITS.webhooksAtOncePerHost;
    for (let each = 0; each < count; each++) await world.call("POST", `${slow.name}:ping`, {});
    const { name } = await world.endpoint({ url: quick.url });
    await world.call("POST", `${name}:ping`, {});
    await world.deliveries(name, allAre(1, "SUCCEEDED"));
    await world.receiver.until(LIMITS.webhooksAtOncePerHost);
    assert.equal(world.receiver.arrivals.length, LIMITS.webhooksAtOncePerHost, "and no more at once");
    world.receiver.answer = (response) => void response.writeHead(204).end();
    await world.clock.advance(LIMITS.webhookAnswerMsMax);
    const put = await world.deliveries(slow.name, asManyFailed);
    while (world.receiver.arrivals.length === LIMITS.webhooksAtOncePerHost)
      await world.clock.advance(LIMITS.webhookAnswerMsMax / 3);
    assert.ok(
      put.some(({ failedTries = [] }) => failedTries.length === 0),
      "who is put off has not failed",
    );
  });

  test("are not made to an endpoint that no longer exists", async () => {
    await using world = await openWorld();
    const { name } = await world.endpoint();
    world.receiver.answer = (response) => void response.writeHead(500).end();
    await world.start();
    await failed(world, name, 1);
    await world.call("DELETE", name);
    await world.clock.advance(6_000);
    await world.deliveries(name, allAre(1, "FAILED"));
    assert.equal(world.receiver.arrivals.length, 1);
  });

  test("are made after the receiver has consented, if the endpoint requires that", async () => {
    await using world = await openWorld({ name: "archive.example.com" });
    const { name } = await world.endpoint({ verify: "OPTIONS" });
    const { receiver } = world;
    await world.start();
    const refused = await failed(world, name, 1);
    assert.match(refused.failedTries?.[0]?.error ?? "", /did not consent to events of "archive.example.com"/);
    receiver.answer = (response) =>
      void response.writeHead(405, { "webhook-allowed-origin": "archive.example.com" }).end();
    await world.clock.advance(7_000);
    await receiver.until(3);
    assert.deepEqual(
      receiver.arrivals.map(({ method, headers }) => [method, headers["webhook-request-origin"]]),
      ["OPTIONS", "OPTIONS", "POST"].map((method) => [method, "archive.example.com"]),
    );
    assert.equal(receiver.arrivals[1]?.body, "", "the event is not told before");
    receiver.answer = (response) => void response.writeHead(204).end();
    await world.start();
    await world.deliveries(name, (all) => all[1]?.state === "SUCCEEDED");
    assert.deepEqual(receiver.arrivals.at(-1)?.method, "POST", "the consent is remembered");
    assert.equal(receiver.arrivals.length, 4);
  });

  test("go through the proxy of the settings, to addresses that events may be sent to", async () => {
    await using proxy = await Proxy.open();
    await using world = await openWorld({ webhookProxy: proxy.url.href });
    const { name } = await world.endpoint();
    await world.start();
    await world.deliveries(name, allAre(1, "SUCCEEDED"));
    assert.equal(proxy.asked[0]?.target, new URL(world.receiver.url).host);
    proxy.answer = (socket) => void socket.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
    const { name: other } = await world.endpoint({ url: `${world.receiver.url}/other` });
    world.receiver.answer = (response) => void response.writeHead(204, { connection: "close" }).end();
    await world.call("POST", `${other}:ping`, {});
    await world.deliveries(other, allAre(1, "SUCCEEDED"));
    await world.call("POST", `${other}:ping`, {});
    const all = await world.deliveries(other, ([, second]) => second?.failedTries?.length === 1);
    assert.match(JSON.stringify(all[1]), /cannot be reached: the proxy answered 407/);
  });
});
