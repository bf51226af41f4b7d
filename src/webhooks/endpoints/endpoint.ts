import type { Filter } from "../../core/filter/filter.ts";

/** What endpoints are told of. */
export const EVENT_TYPES = [
  "operation.succeeded",
  "operation.failed",
  "operation.cancelled",
  "operation.retrying",
  "operation.removed",
] as const;

/** One of {@link EVENT_TYPES}. */
export type EventType = (typeof EVENT_TYPES)[number];

/** What an endpoint is told of that does not say. */
export const EVENT_TYPES_DEFAULT: readonly EventType[] = [
  "operation.succeeded",
  "operation.failed",
  "operation.cancelled",
];

/** How an event is written: as Standard Webhooks recommend, or as a CloudEvent, in either of its forms for HTTP. */
export const FORMATS = ["STANDARD", "CLOUDEVENTS_BINARY", "CLOUDEVENTS_STRUCTURED"] as const;

/** One of {@link FORMATS}. */
export type Format = (typeof FORMATS)[number];

/** How much of the operation an event has: all of it, or its name only. */
export const CONTENTS = ["FULL", "THIN"] as const;

/** One of {@link CONTENTS}. */
export type Content = (typeof CONTENTS)[number];

/** Whether anything is sent. */
export type EndpointState = "ENABLED" | "DISABLED";

/** A secret that signs what is sent. */
export interface Secret {
  /** `whsec_` and base64. */
  readonly key: string;
  /** Until when it signs; null for the newest, which signs until it is replaced. */
  readonly expireTime: number | null;
}

/** What can be said of an endpoint when it is made or changed. */
export interface EndpointSpec {
  readonly url: string;
  readonly eventTypes: readonly EventType[];
  /** AIP-160, on the operation; empty for all. */
  readonly filter: string;
  readonly format: Format;
  readonly content: Content;
}

/** Where events are sent. */
export interface Endpoint extends EndpointSpec {
  readonly name: string;
  /**
   * Hosts of callback URLs: the endpoint has no address of its own, and is told of operations whose starts name one of these
   * hosts. Empty for an endpoint with an address.
   */
  readonly callbackHosts?: readonly string[];
  /** Operations of this parent, and of those below it. */
  readonly parent: string;
  /** Whose it is; null for nobody's. */
  readonly tenant: string | null;
  readonly state: EndpointState;
  /** Why it is disabled; empty where it is not. */
  readonly disableReason: string;
  /** The newest first. */
  readonly secrets: readonly Secret[];
  /** Null where the last try was answered as it should be, or nothing was tried. */
  readonly failing: FailingTries | null;
  readonly createTime: number;
  readonly updateTime: number;
  /** Counts the changes that its owner can see, from 1. */
  readonly generation: number;
  /** Counts what is written of it; 0 for one that is fixed in the settings. */
  readonly revision: number;
}

/** Tries in a row, in all processes together, of which none was answered as it should be. */
export interface FailingTries {
  readonly since: number;
  /** As far as they are written down. */
  readonly tries: number;
}

/** An endpoint with its filter as it is asked. */
export interface KnownEndpoint extends Endpoint {
  readonly compiled: Filter | null;
}

/** Whether an endpoint is fixed in the settings: nobody changes it. */
export function isFixed({ revision }: Pick<Endpoint, "revision">): boolean {
  return revision === 0;
}

/** What tells one version of an endpoint from another. @see AIP-154 */
export function etagOf({ generation }: Pick<Endpoint, "generation">): string {
  return `"${generation}"`;
}
