import assert from "node:assert/strict";
import { test } from "node:test";
import { PERMISSIONS } from "../core/permission.ts";
import { Operations } from "../wire/gen/google/longrunning/operations_pb.ts";
import { Admin } from "../wire/gen/longrunning/v1/admin_pb.ts";
import { WebhookEndpoints } from "../wire/gen/longrunning/v1/webhooks_pb.ts";
import { Watches } from "../wire/gen/longrunning/v1/watches_pb.ts";
import { CALL_KINDS, isRead } from "./call-kind.ts";

test("every permission has a kind, whose RPC is one of the protos", () => {
  const services = new Map(
    [Operations, Admin, Watches, WebhookEndpoints].map(
      ({ typeName, methods }) => [typeName, methods.map(({ name }) => name)] as const,
    ),
  );
  assert.deepEqual(Object.keys(CALL_KINDS).toSorted(), Object.values(PERMISSIONS).toSorted());
  for (const { service, rpc } of Object.values(CALL_KINDS)) {
    if (service === undefined || rpc === undefined) continue;
    assert.ok(services.get(service)?.includes(rpc), `${service}.${rpc}`);
  }
});

test("isRead() says which calls change nothing", () => {
  const reads = Object.values(PERMISSIONS).filter(isRead);
  const { get, list, wait, watch, discover, adminRead, getEndpoint, listEndpoints, readDeliveries } =
    PERMISSIONS;
  const ofWebhooks = [getEndpoint, listEndpoints, readDeliveries];
  assert.deepEqual(reads, [get, list, wait, watch, discover, adminRead, ...ofWebhooks]);
});
