import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { HTTP } from "cloudevents";
import { Webhook } from "standardwebhooks";
import { seededRandom } from "../../testing/seeded-random.ts";
import { systemClock } from "../../core/ports/clock.ts";
import { FORMATS } from "../endpoints/endpoint.ts";
import { newSecret } from "../endpoints/secret.ts";
import type { WebhookEvent } from "../event.ts";
import { webhookMessage } from "./message.ts";

const random = seededRandom(3);
const [secret, old] = [newSecret(random), newSecret(random)];
const event: WebhookEvent = {
  id: "evt_0199",
  type: "operation.succeeded",
  time: Date.UTC(2026, 0, 1),
  subject: 'projects/ä "%/operations/7',
  data: '{"name":"projects/ä","n":12345678901234567890}',
};

suite("webhookMessage()", () => {
  for (const format of FORMATS) {
    test(`${format} is signed with each secret, for receivers that know either`, () => {
      const parts = { format, now: systemClock.now(), service: "archive.example.com" };
      const { headers, body } = webhookMessage(event, { ...parts, secrets: [secret, old] });
      for (const known of [secret, old]) assert.ok(new Webhook(known).verify(body, headers));
      assert.throws(() => new Webhook(newSecret(random)).verify(body, headers));
      assert.throws(() => new Webhook(secret).verify(`${body} `, headers));
      assert.throws(() => new Webhook(secret).verify(body, { ...headers, "webhook-id": "evt_0200" }));
      assert.equal(headers["webhook-signature"]?.split(" ").length, 2);
      assert.match(body, /12345678901234567890/);
    });
  }

  test("the signature has the second in which it is sent", () => {
    const { headers } = webhookMessage(event, {
      format: "STANDARD",
      now: 1_999,
      service: "s",
      secrets: [secret],
    });
    assert.equal(headers["webhook-timestamp"], "1");
  });

  test("STANDARD follows the recommendations of Standard Webhooks", () => {
    const { headers, body } = webhookMessage(event, {
      format: "STANDARD",
      now: 0,
      service: "s",
      secrets: [secret],
    });
    assert.equal(headers["content-type"], "application/json");
    assert.equal(
      body,
      `{"type":"operation.succeeded","timestamp":"2026-01-01T00:00:00.000Z","data":${event.data}}`,
    );
  });

  for (const format of ["CLOUDEVENTS_BINARY", "CLOUDEVENTS_STRUCTURED"] as const)
    test(`${format} is an event for readers of CloudEvents`, () => {
      const message = webhookMessage(event, {
        format,
        now: 0,
        service: "archive.example.com",
        secrets: [secret],
      });
      const read = HTTP.toEvent<{ name: string }>(message);
      assert.ok(!Array.isArray(read));
      const { id, source, type, subject, time, specversion, data } = read;
      assert.deepEqual(
        { id, source, type, time, specversion, name: data?.name },
        {
          id: event.id,
          source: "//archive.example.com/v1",
          type: "com.example.archive.operation.succeeded.v1",
          time: "2026-01-01T00:00:00.000Z",
          specversion: "1.0",
          name: "projects/ä",
        },
      );
      const isBinary = format === "CLOUDEVENTS_BINARY";
      assert.equal(isBinary ? decodeURIComponent(subject ?? "") : subject, event.subject);
      for (const value of Object.values(message.headers)) assert.match(value, /^[\x20-\x7e]+$/);
    });
});
