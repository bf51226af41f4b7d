import { encodedName, post } from "../api.ts";
import type { WebhookDelivery, WebhookEndpoint } from "../wire.ts";
import { sentenceOf } from "./actions.ts";
import { readNow } from "./live.ts";
import { tell } from "./notices.ts";

/**
 * Applies an action to a webhook, and shows the result.
 *
 * @returns the answer; undefined if it was refused
 */
async function act<T>(name: string, verb: string, done: string): Promise<T | undefined> {
  try {
    const answer = await post<T>(`${encodedName(name)}:${verb}`, {});
    if (done !== "") tell(done);
    readNow();
    return answer;
  } catch (error) {
    tell(sentenceOf(error), { tone: "bad" });
    return undefined;
  }
}

/** Sends a test event. */
export async function pingWebhook(name: string): Promise<void> {
  await act<WebhookDelivery>(name, "ping", "A ping is on its way.");
}

/** Enables or disables an endpoint. */
export async function switchWebhook(name: string, on: boolean): Promise<void> {
  const done = on ? "The endpoint is enabled." : "The endpoint is disabled.";
  await act<WebhookEndpoint>(name, on ? "enable" : "disable", done);
}

/**
 * Makes a new secret.
 *
 * @returns the secret, or the public key of a key pair; undefined if none was made
 */
export async function rotateSecret(name: string): Promise<string | undefined> {
  const endpoint = await act<WebhookEndpoint>(name, "rotateSecret", "");
  return endpoint?.secret ?? endpoint?.publicKeys?.[0];
}

/** Sends the event of a delivery again. */
export async function redeliver(delivery: string): Promise<void> {
  await act<WebhookDelivery>(delivery, "redeliver", "The event is sent again, by a new delivery.");
}
