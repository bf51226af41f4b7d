import assert from "node:assert/strict";
import { test } from "node:test";
import { isRead, PERMISSIONS } from "./permission.ts";

test("isRead() says which calls change nothing", () => {
  const reads = Object.values(PERMISSIONS).filter(isRead);
  const { get, list, wait, watch, discover, adminRead, getEndpoint, listEndpoints, readDeliveries } =
    PERMISSIONS;
  const ofWebhooks = [getEndpoint, listEndpoints, readDeliveries];
  assert.deepEqual(reads, [get, list, wait, watch, discover, adminRead, ...ofWebhooks]);
});
