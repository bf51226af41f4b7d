import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { Client, credentials } from "@grpc/grpc-js";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { HTTP } from "cloudevents";
import { Webhook } from "standardwebhooks";
import { systemClock } from "../../src/core/ports/clock.ts";
import {
  CreateWebhookEndpointRequestSchema,
  WebhookEndpointSchema,
} from "../../src/wire/gen/longrunning/v1/webhooks_pb.ts";
import { openWorld } from "../../src/webhooks/world.suite.ts";

const authorize = ({ permission, resource }: { permission: string; resource: string }): boolean =>
  !permission.startsWith("longrunning.webhookEndpoints.") || resource.startsWith("projects/mine");

suite("Webhooks over the network", () => {
  for (const format of ["CLOUDEVENTS_BINARY", "CLOUDEVENTS_STRUCTURED"])
    test(`${format}: the event that arrives is a signed CloudEvent`, async () => {
      await using world = await openWorld({ clock: systemClock, name: "archive.example.com" });
      const { secret } = await world.endpoint({ format });
      await world.start({ text: "ä" }, "projects/ä");
      await world.start({ text: "ä" });
      const [arrival] = await world.receiver.until(1);
      assert.ok(arrival !== undefined);
      const headers = arrival.headers as Record<string, string>;
      new Webhook(secret).verify(arrival.body, headers);
      const event = HTTP.toEvent<{ readonly done: boolean }>({ headers, body: arrival.body });
      assert.ok(!Array.isArray(event));
      assert.equal(event.type, "com.example.archive.operation.succeeded.v1");
      assert.equal(event.source, "//archive.example.com/v1");
      assert.match(event.subject ?? "", /^projects\/p\/operations\//);
      assert.equal(event.data?.done, true);
    });

  test("endpoints are created over gRPC as over REST", async () => {
    await using world = await openWorld();
    const { host } = new URL(world.server.url);
    const client = new Client(host, credentials.createInsecure());
    const request = create(CreateWebhookEndpointRequestSchema, {
      parent: "projects/p",
      webhookEndpointId: "billing",
      webhookEndpoint: { url: world.receiver.url },
    });
    const bytes = await new Promise<Buffer>((resolve, reject) => {
      client.makeUnaryRequest(
        "/longrunning.v1.WebhookEndpoints/CreateWebhookEndpoint",
        () => Buffer.from(toBinary(CreateWebhookEndpointRequestSchema, request)),
        (answer) => answer,
        null,
        (error, answer) => (error === null && answer !== undefined ? resolve(answer) : reject(error)),
      );
    });
    client.close();
    const { name, secret } = fromBinary(WebhookEndpointSchema, bytes);
    assert.match(secret, /^whsec_/);
    assert.equal((await world.call("GET", name)).body.name, "projects/p/webhookEndpoints/billing");
  });

  test("each call is authorized: a caller that may not create endpoints of a parent learns nothing about them", async () => {
    await using world = await openWorld({ access: { authorize } });
    const { name } = await world.endpoint({}, "projects/mine");
    assert.equal((await world.call("GET", name)).status, 200);
    const delivery = "deliveries/01a227a5-4a2a-7000-9f21-3a9d5c9ac0a1";
    for (const other of ["projects/other/webhookEndpoints/a", "webhookEndpoints/none"]) {
      const answers = [
        await world.call("GET", other),
        await world.call("DELETE", other),
        await world.call("PATCH", other, { url: "https://example.com" }),
        await world.call("GET", `${other}/deliveries`),
        await world.call("GET", `${other}/${delivery}`),
        await world.call("POST", `${other}/${delivery}:redeliver`, {}),
        await world.call("POST", `${other}:ping`, {}),
        await world.call("POST", `${other}:rotateSecret`, {}),
        await world.call("POST", `${other}:recover`, { since: "2026-01-01T00:00:00Z" }),
        await world.call("GET", other.replace(/\/[^/]*$/, "")),
        await world.call("POST", other.replace(/\/[^/]*$/, ""), { url: world.receiver.url }),
      ];
      // No rule names this caller.
      assert.deepEqual([...new Set(answers.map(({ status }) => status))], [401], other);
    }
  });
});
