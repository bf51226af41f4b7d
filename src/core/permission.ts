/** The permission of each use case. */
export const PERMISSIONS = {
  start: "longrunning.operations.start",
  get: "longrunning.operations.get",
  list: "longrunning.operations.list",
  cancel: "longrunning.operations.cancel",
  delete: "longrunning.operations.delete",
  wait: "longrunning.operations.wait",
  watch: "longrunning.operations.watch",
  discover: "longrunning.discovery.get",
  claim: "longrunning.operations.claim",
  answer: "longrunning.methods.answer",
  adminRead: "longrunning.admin.read",
  adminStart: "longrunning.admin.start",
  adminCancel: "longrunning.admin.cancel",
  adminDelete: "longrunning.admin.delete",
  adminPause: "longrunning.admin.pause",
  adminBulk: "longrunning.admin.bulk",
  adminKeys: "longrunning.admin.keys",
  adminWebhooks: "longrunning.admin.webhooks",
  adminWebhookSecrets: "longrunning.admin.webhookSecrets",
  createEndpoint: "longrunning.webhookEndpoints.create",
  getEndpoint: "longrunning.webhookEndpoints.get",
  listEndpoints: "longrunning.webhookEndpoints.list",
  updateEndpoint: "longrunning.webhookEndpoints.update",
  deleteEndpoint: "longrunning.webhookEndpoints.delete",
  rotateSecret: "longrunning.webhookEndpoints.rotateSecret",
  readDeliveries: "longrunning.webhookEndpoints.readDeliveries",
  deliver: "longrunning.webhookEndpoints.deliver",
} as const;

/** One of {@link PERMISSIONS}. */
export type Permission = (typeof PERMISSIONS)[keyof typeof PERMISSIONS];

const READS: ReadonlySet<Permission> = new Set([
  PERMISSIONS.get,
  PERMISSIONS.list,
  PERMISSIONS.wait,
  PERMISSIONS.watch,
  PERMISSIONS.discover,
  PERMISSIONS.adminRead,
  PERMISSIONS.getEndpoint,
  PERMISSIONS.listEndpoints,
  PERMISSIONS.readDeliveries,
]);

/** Whether the permission is for reads only. */
export function isRead(permission: Permission): boolean {
  return READS.has(permission);
}
