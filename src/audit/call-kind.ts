import type { Permission } from "../core/permission.ts";

/** AuditLog's name for the type of a permission. */
type PermissionType = "ADMIN_READ" | "ADMIN_WRITE" | "DATA_READ" | "DATA_WRITE";

/** The fixed fields in the records of all calls with a permission. */
export interface CallKind {
  readonly type: PermissionType;
  /** The service of the RPC; undefined if the method's name is recorded. */
  readonly service?: string;
  /** The RPC, unless the call names another. */
  readonly rpc?: string;
  /** The part of the answer that the record mentions. */
  readonly answers?: "operation" | "page";
}

const operations = (rpc: string, type: PermissionType): CallKind => ({
  type,
  service: "google.longrunning.Operations",
  rpc,
});
const ADMIN = "longrunning.v1.Admin";
const admin = (rpc: string): CallKind => ({ type: "ADMIN_WRITE", service: ADMIN, rpc });

const WEBHOOKS = "longrunning.v1.WebhookEndpoints";
const webhooks = (rpc: string, type: PermissionType): CallKind => ({ type, service: WEBHOOKS, rpc });

/** The kinds of all calls. A test compares the RPCs with those of the protos. */
export const CALL_KINDS: Readonly<Record<Permission, CallKind>> = {
  "longrunning.operations.start": { type: "DATA_WRITE", answers: "operation" },
  "longrunning.operations.get": operations("GetOperation", "DATA_READ"),
  "longrunning.operations.list": { ...operations("ListOperations", "DATA_READ"), answers: "page" },
  "longrunning.operations.cancel": operations("CancelOperation", "DATA_WRITE"),
  "longrunning.operations.delete": operations("DeleteOperation", "DATA_WRITE"),
  "longrunning.operations.wait": operations("WaitOperation", "DATA_READ"),
  "longrunning.operations.watch": {
    type: "DATA_READ",
    service: "longrunning.v1.Watches",
    rpc: "WatchOperation",
  },
  "longrunning.operations.claim": {
    type: "DATA_WRITE",
    service: "longrunning.v1.Workers",
    rpc: "ClaimOperations",
  },
  "longrunning.discovery.get": { type: "DATA_READ" },
  "longrunning.methods.answer": { type: "DATA_WRITE" },
  "longrunning.admin.read": { type: "ADMIN_READ", service: ADMIN },
  "longrunning.admin.start": { ...admin("StartOperation"), answers: "operation" },
  "longrunning.admin.cancel": admin("CancelOperation"),
  "longrunning.admin.delete": admin("DeleteOperation"),
  "longrunning.admin.pause": admin("PauseMethod"),
  "longrunning.admin.bulk": { ...admin("StartBulk"), answers: "operation" },
  "longrunning.admin.keys": { type: "ADMIN_WRITE", service: ADMIN },
  "longrunning.admin.webhooks": { type: "ADMIN_WRITE", service: ADMIN },
  "longrunning.admin.webhookSecrets": admin("RotateSecret"),
  "longrunning.webhookEndpoints.create": webhooks("CreateWebhookEndpoint", "ADMIN_WRITE"),
  "longrunning.webhookEndpoints.get": webhooks("GetWebhookEndpoint", "ADMIN_READ"),
  "longrunning.webhookEndpoints.list": webhooks("ListWebhookEndpoints", "ADMIN_READ"),
  "longrunning.webhookEndpoints.update": webhooks("UpdateWebhookEndpoint", "ADMIN_WRITE"),
  "longrunning.webhookEndpoints.delete": webhooks("DeleteWebhookEndpoint", "ADMIN_WRITE"),
  "longrunning.webhookEndpoints.rotateSecret": webhooks("RotateWebhookSecret", "ADMIN_WRITE"),
  "longrunning.webhookEndpoints.readDeliveries": { type: "DATA_READ", service: WEBHOOKS },
  "longrunning.webhookEndpoints.deliver": { type: "DATA_WRITE", service: WEBHOOKS },
};
