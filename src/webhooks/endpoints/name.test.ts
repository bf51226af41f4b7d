import assert from "node:assert/strict";
import { test } from "node:test";
import {
  deliveriesOf,
  deliveryName,
  formatEndpointName,
  isEndpointId,
  parseDeliveryName,
  parseEndpointName,
} from "./name.ts";

const ID = "01a227a5-4a2a-7000-9f21-3a9d5c9ac0a1";

test("names of endpoints are read as they are written", () => {
  for (const name of ["webhookEndpoints/a", "projects/p/webhookEndpoints/a-1", "a/b/c/webhookEndpoints/z"])
    assert.equal(formatEndpointName(parseEndpointName(name)), name);
  for (const name of [
    "",
    "webhookEndpoints",
    "webhookEndpoints/",
    "webhookEndpoints/A",
    "projects/p/operations/a",
  ])
    assert.throws(() => parseEndpointName(name), { reason: "WEBHOOK_ENDPOINT_NOT_FOUND" });
});

test("an id is 1 to 63 of a-z, 0-9 and -, with a letter first and no - last", () => {
  for (const id of ["a", "a1", "a-1", "a".repeat(63)]) assert.ok(isEndpointId(id), id);
  for (const id of ["", "1a", "-a", "a-", "A", "a.b", "a/b", "ä", "a".repeat(64)])
    assert.ok(!isEndpointId(id), id);
});

test("a delivery is an operation below a collection of the service's own", () => {
  const endpoint = "projects/p/webhookEndpoints/a";
  const parent = deliveriesOf(endpoint);
  assert.equal(parent, `longrunning/${endpoint}`);
  const name = deliveryName({ parent, id: ID });
  assert.equal(name, `${endpoint}/deliveries/${ID}`);
  assert.deepEqual(parseDeliveryName(name), { endpoint, operation: `${parent}/operations/${ID}` });
  for (const wrong of [`${endpoint}/deliveries/7`, `${endpoint}/operations/${ID}`, `deliveries/${ID}`, ""])
    assert.throws(() => parseDeliveryName(wrong), { code: "NOT_FOUND" });
  assert.throws(() => deliveriesOf(`${"p/".repeat(1_000)}webhookEndpoints/a`), { reason: "NAME_INVALID" });
});
