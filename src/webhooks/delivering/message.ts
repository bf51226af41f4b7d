import { formatTimestamp } from "../../core/value/timestamp.ts";
import type { Format } from "../endpoints/endpoint.ts";
import { signatureHeaders } from "../../outbound/signature.ts";
import type { WebhookEvent } from "../event.ts";

/** A message to post. */
export interface WebhookMessage {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The parameters of a message. */
export interface MessageParts {
  readonly format: Format;
  /** The secrets that sign now. */
  readonly secrets: readonly string[];
  /** The time of this attempt, in milliseconds since the Unix epoch. */
  readonly now: number;
  /** The service's name. */
  readonly service: string;
}

/**
 * Makes the message for an event: the body in its format, with the signatures of Standard Webhooks
 * in every format.
 *
 * @see Standard Webhooks 1.0.0; CloudEvents 1.0, "HTTP Protocol Binding"
 */
export function webhookMessage(event: WebhookEvent, parts: MessageParts): WebhookMessage {
  const { format, secrets, now } = parts;
  const { headers, body } = FORMATTED[format](event, parts.service);
  return { body, headers: { ...headers, ...signatureHeaders(secrets, { id: event.id, body, now }) } };
}

const FORMATTED: Readonly<Record<Format, (event: WebhookEvent, service: string) => WebhookMessage>> = {
  STANDARD: ({ type, time, data }) => ({
    headers: { "content-type": "application/json" },
    body: `{"type":${JSON.stringify(type)},"timestamp":"${formatTimestamp(time)}","data":${data}}`,
  }),
  CLOUDEVENTS_BINARY: (event, service) => {
    const attributes = Object.entries(cloudEvent(event, service));
    const headers = Object.fromEntries(attributes.map(([name, value]) => [`ce-${name}`, headerText(value)]));
    return { headers: { "content-type": "application/json", ...headers }, body: event.data };
  },
  CLOUDEVENTS_STRUCTURED: (event, service) => {
    const attributes = { ...cloudEvent(event, service), datacontenttype: "application/json" };
    return {
      headers: { "content-type": "application/cloudevents+json; charset=utf-8" },
      body: `${JSON.stringify(attributes).slice(0, -1)},"data":${event.data}}`,
    };
  },
};

/** The context attributes of a CloudEvent. */
function cloudEvent(
  { id, type, time, subject }: WebhookEvent,
  service: string,
): Readonly<Record<string, string>> {
  return {
    specversion: "1.0",
    id,
    source: `//${service}/v1`,
    type: `${service.split(".").toReversed().join(".")}.${type}.v1`,
    subject,
    time: formatTimestamp(time),
  };
}

/** Percent-encodes everything except printable ASCII, and also quotes and percent signs. */
function headerText(text: string): string {
  return text.replaceAll(/[^\x21-\x7e]|["%]/gu, (character) => encodeURIComponent(character));
}
