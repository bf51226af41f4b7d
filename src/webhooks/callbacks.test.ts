import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { Webhook } from "standardwebhooks";
import { createClient } from "../client/index.ts";
import { systemClock } from "../core/ports/clock.ts";
import type { FixedEndpoint } from "./endpoints/fixed.ts";
import { Receiver } from "../outbound/receiver.suite.ts";
import { allAre, echo, openWorld } from "./world.suite.ts";

const secret = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
const listed: FixedEndpoint = { id: "callbacks", callbackHosts: ["127.0.0.1"], secrets: [secret] };
const NAME = "webhookEndpoints/callbacks";
const LISTED = { webhookEndpoints: [listed], clock: systemClock };

suite("Callbacks", () => {
  test("each start over REST, in a list, over gRPC and in this process names the receiver of its end", async () => {
    await using world = await openWorld(LISTED);
    const { receiver, server } = world;
    const at = (path: string): string => `${receiver.url}/${path}`;
    const query = (path: string): string => `callbackUrl=${encodeURIComponent(at(path))}`;
    assert.equal((await world.call("POST", `projects/p:echo?${query("rest")}`, {})).status, 200);
    const requests = [{ method: "echo", callbackUrl: at("list") }, { method: "echo" }];
    assert.equal((await world.call("POST", "../v1:startOperations", { requests })).status, 200);
    const client = createClient(server.url.replace("http:", "grpc:"));
    await client.start("echo", { fails: true }, { callbackUrl: at("grpc") });
    await createClient(server.url).start("echo", {}, { callbackUrl: at("client") });
    await server.operations.start(echo, {}, { callbackUrl: at("process") });
    const arrivals = await receiver.until(5);
    assert.deepEqual(arrivals.map(({ path }) => path).toSorted(), [
      "/client",
      "/grpc",
      "/list",
      "/process",
      "/rest",
    ]);
    for (const { path, body, headers } of arrivals) {
      const event = new Webhook(secret).verify(body, headers as Record<string, string>);
      const type = path === "/grpc" ? "operation.failed" : "operation.succeeded";
      assert.equal((event as { readonly type: string }).type, type);
    }
    await world.deliveries(NAME, allAre(5, "SUCCEEDED"));
    client.close();
  });

  test("an address that the operator does not list, or that breaks a rule, starts nothing", async () => {
    await using world = await openWorld(LISTED);
    const refused: readonly (readonly [url: string, rule: RegExp])[] = [
      ["https://example.com/", /its host is none that this service lists/],
      ["http://127.0.0.1.example.com/", /its host is none/],
      ["http://127.0.0.1.example.com./", /must not end with a dot/],
      ["http://[::ffff:127.0.0.1]/", /its host is none/],
      ["http://user@127.0.0.1/", /a user or a password/],
      ["ftp://127.0.0.1/", /must begin with https/],
      ["what", /it is not a URL/],
      [`http://127.0.0.1/${"x".repeat(3_000)}`, /2048 characters/],
    ];
    for (const [url, rule] of refused) {
      const answer = await world.call("POST", `:echo?callbackUrl=${encodeURIComponent(url)}`, {});
      assert.equal(answer.status, 400, url);
      assert.equal(answer.body.error.details[0].reason, "CALLBACK_URL_INVALID");
      assert.match(answer.body.error.message, rule);
    }
    assert.deepEqual((await world.call("GET", "operations")).body, {});
    for (const webhooks of [false, true]) {
      await using none = await openWorld({ webhooks });
      const query = `callbackUrl=${encodeURIComponent(none.receiver.url)}`;
      const answer = await none.call("POST", `:echo?${query}`, {});
      assert.match(answer.body.error.message, /lists no hosts/, `webhooks: ${webhooks}`);
    }
  });

  test("an endpoint for callbacks reports nothing else, has no address to ping, and repeats a delivery to its address", async () => {
    await using world = await openWorld(LISTED);
    await using elsewhere = await Receiver.open();
    await world.endpoint({ url: `${elsewhere.url}/all` });
    world.receiver.answer = (response) => void response.writeHead(410).end();
    await world.call(
      "POST",
      `projects/p:echo?callbackUrl=${encodeURIComponent(`${world.receiver.url}/told`)}`,
      {},
    );
    await world.start();
    const [delivery] = await world.deliveries(NAME, allAre(1, "FAILED"));
    assert.equal((await elsewhere.until(2)).length, 2);
    assert.equal(world.receiver.arrivals.length, 1);
    world.receiver.answer = (response) => void response.writeHead(204).end();
    assert.equal((await world.call("POST", `${delivery?.name}:redeliver`, {})).status, 200);
    const since = new Date(0).toISOString();
    assert.deepEqual((await world.call("POST", `${NAME}:recover`, { since })).body, { count: 1 });
    const arrivals = await world.receiver.until(3);
    assert.deepEqual(
      arrivals.map(({ path }) => path),
      ["/told", "/told", "/told"],
    );
    const ping = await world.call("POST", `${NAME}:ping`, {});
    assert.deepEqual([ping.status, ping.body.error.details[0].reason], [400, "REQUEST_INVALID"]);
    const shown = await world.call("GET", NAME);
    assert.deepEqual([shown.body.callbackHosts, shown.body.url], [["127.0.0.1"], undefined]);
  });
});
