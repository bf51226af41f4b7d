import assert from "node:assert/strict";
import { test } from "node:test";
import { isRead, PERMISSIONS } from "../core/permission.ts";
import { Operations } from "../wire/gen/google/longrunning/operations_pb.ts";
import { Admin } from "../wire/gen/longrunning/v1/admin_pb.ts";
import { WebhookEndpoints } from "../wire/gen/longrunning/v1/webhooks_pb.ts";
import { Watches } from "../wire/gen/longrunning/v1/watches_pb.ts";
import { Workers } from "../wire/gen/longrunning/v1/workers_pb.ts";
import { CALL_KINDS } from "./call-kind.ts";

test("every permission has a kind, and its RPC is in the protos", () => {
  const services = new Map(
    [Operations, Admin, Watches, WebhookEndpoints, Workers].map(
      ({ typeName, methods }) => [typeName, methods.map(({ name }) => name)] as const,
    ),
  );
  assert.deepEqual(Object.keys(CALL_KINDS).toSorted(), Object.values(PERMISSIONS).toSorted());
  for (const { service, rpc } of Object.values(CALL_KINDS)) {
    if (service === undefined || rpc === undefined) continue;
    assert.ok(services.get(service)?.includes(rpc), `${service}.${rpc}`);
  }
});

test("the kind of a call says whether it reads, like its permission", () => {
  for (const permission of Object.values(PERMISSIONS)) {
    assert.equal(CALL_KINDS[permission].type.endsWith("_READ"), isRead(permission), permission);
  }
});
