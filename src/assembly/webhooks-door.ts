import { shownOption } from "../core/value/options.ts";
import type { FixedEndpoint } from "../webhooks/endpoints/fixed.ts";
import type { OpenedWebhooks, WebhooksSetting } from "./webhooks.ts";

/** The webhook settings of a process. */
type Said = Pick<WebhooksSetting, "name" | "webhooks" | "webhookAllow" | "webhookProxy">;

/**
 * The webhooks of a process; undefined if there are none. Their code is loaded only if there are
 * some.
 */
export async function webhooksOf(
  { webhookEndpoints: fixed = [] }: { readonly webhookEndpoints?: readonly FixedEndpoint[] },
  { name, webhooks, webhookAllow, webhookProxy }: Said,
  parts: Pick<WebhooksSetting, "methods" | "clock" | "random" | "tell">,
): Promise<OpenedWebhooks | undefined> {
  if (!webhooks && fixed.length === 0) return undefined;
  const room = await import("./webhooks.ts");
  return new room.OpenedWebhooks({ ...parts, name, webhooks, webhookAllow, webhookProxy, fixed });
}

/** @throws {TypeError} if the option is not a list. The entries are checked when they are used */
export function checkWebhookEndpoints(what: string, value: unknown): void {
  if (!Array.isArray(value)) throw new TypeError(`${what}: expected a list, got ${shownOption(value)}`);
}
