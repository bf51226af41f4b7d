import { computed, signal } from "@preact/signals";
import type { Session } from "../wire.ts";

/** Who asks, and what this server is; undefined until the server has told. */
export const session = signal<Session | undefined>(undefined);

/** What an operator may be let do. */
export type Action = "start" | "cancel" | "delete" | "pause" | "bulk" | "webhooks" | "webhookSecrets";

const actions = computed(() => new Set(session.value?.access ?? []));

/** Whether the server lets the operator do this. It decides again when they do it. */
export function may(action: Action): boolean {
  return actions.value.has("full") || actions.value.has(action);
}

/** Whether operations are kept below collections that the operator chooses between. */
export function seesAll(): boolean {
  return (session.value?.collection ?? "") === "";
}
