import { LIMITS } from "../../core/limits.ts";
import type { ApiKeys } from "../../core/ports/api-keys.ts";
import type { WebhookAdmin } from "../../core/ports/webhook-admin.ts";
import type { Chain } from "../policy.ts";
import { type Access, ACTION_PERMISSIONS, ADMIN_ACTIONS, type AdminAction, type Operator } from "./access.ts";

/** The ports to other rooms that operators use. */
export interface AdminPorts {
  readonly apiKeys: ApiKeys;
  /** Undefined on a server without webhooks. */
  readonly webhooks: WebhookAdmin | undefined;
}

/** Facts about a server, for operators. */
export interface ServerFacts {
  /** The version of longrunning. */
  readonly version: string;
  /** The name of the service. */
  readonly service: string;
  /** The address for callers; empty if not set. */
  readonly publicUrl: string;
  /** Whether statistics are kept. */
  readonly statistics: boolean;
  /** Whether the server has webhooks. */
  readonly webhooks: boolean;
}

/** The facts that the operators' page needs before it shows anything. */
export interface AdminSession extends ServerFacts {
  /** `full`; or `read` with the allowed actions. */
  readonly access: readonly string[];
  readonly store: string;
  readonly schema: number;
  readonly time: number;
  /** The operator's scope; empty for everything. */
  readonly collection: string;
  readonly payloadBytesMax: number;
  readonly lookedAtMax: number;
}

/**
 * The actions of the operator's access that the chain also permits.
 *
 * @param chain undefined if everything is allowed
 * @param resource the resource to act on; empty for everything
 */
export async function permittedOf(
  caller: Operator,
  chain: Chain | undefined,
  resource = "",
): Promise<Access> {
  const { access } = caller;
  if (chain === undefined) return access;
  const actions = new Set<AdminAction>();
  for (const action of access.actions)
    if (await chain.permits({ caller, permission: ACTION_PERMISSIONS[action], resource }))
      actions.add(action);
  return { ...access, actions };
}

/** The session of an operator on a server. */
export function sessionOf(
  access: Access,
  server: ServerFacts,
  store: { readonly name: string; readonly schema: number; readonly time: number },
): AdminSession {
  const { actions, scope } = access;
  const isFull = ADMIN_ACTIONS.every((action) => actions.has(action));
  return {
    ...server,
    access: isFull ? ["full"] : ["read", ...actions],
    store: store.name,
    schema: store.schema,
    time: store.time,
    collection: scope?.parent ?? "",
    payloadBytesMax: LIMITS.adminPayloadBytesMax,
    lookedAtMax: LIMITS.listRowsExaminedMax,
  };
}
