import { ANONYMOUS } from "../../core/caller.ts";
import type { ApiKeys } from "../../core/ports/api-keys.ts";
import type { WebhookAdmin } from "../../core/ports/webhook-admin.ts";
import { collectionOf } from "../../core/operation/collection.ts";
import { parseCollection } from "../../core/operation/name.ts";
import type { Engine } from "../engine.ts";
import { type Access, type AdminAction, FULL_ACCESS, type Operator, READ_ACCESS } from "./access.ts";
import type { Admin } from "./admin.ts";
import type { RowsRequest } from "../listing/rows.ts";

/** These tests need no API keys. */
const NO_KEYS: ApiKeys = {
  create: () => Promise.reject(new Error("No keys are made here")),
  list: async () => [],
  revoke: async () => {},
};

/** The operators' use cases over the engine of a test. */
export function adminOf(engine: Engine, webhooks?: WebhookAdmin): Admin {
  const server = { version: "1.0.0", service: "archive", publicUrl: "", statistics: false, webhooks: false };
  return engine.admin(server, { apiKeys: NO_KEYS, webhooks });
}

/** An operator with all or some actions, in all or some collections. */
export function operator(may: "full" | "read" | readonly AdminAction[] = "full", scope?: string): Operator {
  const level = may === "full" ? FULL_ACCESS : READ_ACCESS;
  const access: Access = typeof may === "string" ? level : { actions: new Set(may) };
  return {
    ...ANONYMOUS,
    access: scope === undefined ? access : { ...access, scope: collectionOf(parseCollection(scope)) },
  };
}

/** The request of a list as edges build it: empty values for missing fields. */
export function rows(asked: Partial<RowsRequest> = {}): RowsRequest {
  return { collection: "", filter: "", orderBy: "", pageSize: 0, pageToken: "", method: "", ...asked };
}
