import type { Filter } from "../../core/filter/filter.ts";

/** The types of events. */
export const EVENT_TYPES = [
  "operation.succeeded",
  "operation.failed",
  "operation.cancelled",
  "operation.retrying",
  "operation.removed",
] as const;

/** One of {@link EVENT_TYPES}. */
export type EventType = (typeof EVENT_TYPES)[number];

/** The event types of an endpoint that does not choose any. */
export const EVENT_TYPES_DEFAULT: readonly EventType[] = [
  "operation.succeeded",
  "operation.failed",
  "operation.cancelled",
];

/**
 * The formats of events: as Standard Webhooks recommend, or as a CloudEvent, in either of its HTTP
 * forms.
 */
export const FORMATS = ["STANDARD", "CLOUDEVENTS_BINARY", "CLOUDEVENTS_STRUCTURED"] as const;

/** One of {@link FORMATS}. */
export type Format = (typeof FORMATS)[number];

/** The content of an event: the whole operation, or only its name. */
export const CONTENTS = ["FULL", "THIN"] as const;

/** One of {@link CONTENTS}. */
export type Content = (typeof CONTENTS)[number];

/**
 * How events are signed: with a secret that the receiver knows (HMAC-SHA256), or with a private key
 * (Ed25519).
 *
 * @see Standard Webhooks 1.0.0, "Signature scheme"
 */
export const SIGNATURES = ["V1", "V1A"] as const;

/** One of {@link SIGNATURES}. */
export type Signature = (typeof SIGNATURES)[number];

/**
 * Whether the service asks the receiver for its consent before it posts events.
 *
 * @see CloudEvents 1.0.2, "HTTP 1.1 Web Hooks", section 4
 */
export const VERIFICATIONS = ["NONE", "OPTIONS"] as const;

/** One of {@link VERIFICATIONS}. */
export type Verification = (typeof VERIFICATIONS)[number];

/** Whether events are sent. */
export type EndpointState = "ENABLED" | "DISABLED";

/** A secret that signs messages. */
export interface Secret {
  /** `whsec_` and base64; a private key is `whsk_` and base64. */
  readonly key: string;
  /** The time until which it signs; null for the newest one, which signs until it is replaced. */
  readonly expireTime: number | null;
}

/** The part of an endpoint that its owner can set. */
export interface EndpointSpec {
  readonly url: string;
  readonly eventTypes: readonly EventType[];
  /** AIP-160, for the operation; empty for all. */
  readonly filter: string;
  readonly format: Format;
  readonly content: Content;
  readonly verify: Verification;
}

/** A destination of events. */
export interface Endpoint extends EndpointSpec {
  readonly name: string;
  /**
   * The hosts of callback URLs: the endpoint has no address of its own, and gets events of
   * operations whose starts name a URL on one of these hosts. Empty for an endpoint with an
   * address.
   */
  readonly callbackHosts?: readonly string[];
  /** It gets events of operations of this parent, and of parents below it. */
  readonly parent: string;
  /** The tenant that owns it; null for none. */
  readonly tenant: string | null;
  readonly state: EndpointState;
  /** The reason why it is disabled; empty if it is enabled. */
  readonly disableReason: string;
  /** Newest first. */
  readonly secrets: readonly Secret[];
  /** Null if the last attempt succeeded, or if there was none. */
  readonly failing: FailingTries | null;
  readonly createTime: number;
  readonly updateTime: number;
  /** The number of changes that its owner can see, from 1. */
  readonly generation: number;
  /** The number of writes; 0 for an endpoint of the settings. */
  readonly revision: number;
}

/** Consecutive failed attempts, over all processes. */
export interface FailingTries {
  readonly since: number;
  /** As far as they were stored. */
  readonly tries: number;
}

/** An endpoint with its compiled filter. */
export interface KnownEndpoint extends Endpoint {
  readonly compiled: Filter | null;
}

/** Whether an endpoint comes from the settings and cannot be changed. */
export function isFixed({ revision }: Pick<Endpoint, "revision">): boolean {
  return revision === 0;
}

/** Identifies a version of an endpoint. @see AIP-154 */
export function etagOf({ generation }: Pick<Endpoint, "generation">): string {
  return `"${generation}"`;
}
