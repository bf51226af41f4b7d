import { computed, signal } from "@preact/signals";
import type { Session } from "../wire.ts";

/** The operator and the server's description; undefined until the server has answered. */
export const session = signal<Session | undefined>(undefined);

/** Actions that an operator may be allowed to take. */
export type Action = "start" | "cancel" | "delete" | "pause" | "bulk" | "webhooks" | "webhookSecrets";

const actions = computed(() => new Set(session.value?.access ?? []));

/** Whether the operator may take this action. The server checks again when the action is taken. */
export function may(action: Action): boolean {
  return actions.value.has("full") || actions.value.has(action);
}

/** Whether the operator sees all collections and can choose between them. */
export function seesAll(): boolean {
  return (session.value?.collection ?? "") === "";
}
