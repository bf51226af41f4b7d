import { hostileBody } from "./body.ts";
import type { Dice } from "./dice.ts";
import { hostileHeaders } from "./headers.ts";
import { hostileText } from "./hostile.ts";
import { hostileQuery } from "./query.ts";

/** The data to send on a connection, and the expected answer. */
export interface Attack {
  readonly kind: string;
  /** Sent one after the other; if there are several, with pauses between them. */
  readonly pieces: readonly Buffer[];
  /**
   * `whole`: one complete request of valid HTTP, which must be answered, on a connection that is
   * reused. `broken`: anything; an answer is allowed, and so is a closed connection.
   */
  readonly mode: "whole" | "broken";
  /** The answer has no body, as for every HEAD. */
  readonly head: boolean;
}

/** The targets on the server. */
export interface Target {
  readonly host: string;
  /** Names of operations, such as `operations/…`; some of them no longer exist. */
  readonly names: readonly string[];
  /** Page tokens of lists. */
  readonly pageTokens: readonly string[];
}

const METHODS = ["GET", "GET", "GET", "POST", "POST", "POST", "DELETE", "HEAD", "OPTIONS", "PUT", "PATCH"];
const RARE_METHODS = ["TRACE", "PROPFIND", "QUERY", "MKCOL", "SEARCH", "REPORT", "UNLOCK"];

/** A valid HTTP request with any contents. */
export function wholeRequest(dice: Dice, target: Target): Attack {
  const aim = dice.chance(0.5)
    ? wellAimed(dice, target)
    : dice.chance(0.04)
      ? watch(dice, target)
      : undefined;
  const method = aim?.method ?? (dice.chance(0.97) ? dice.pick(METHODS) : dice.pick(RARE_METHODS));
  const path = aim?.path ?? hostilePath(dice, target);
  const query = dice.chance(0.5) ? hostileQuery(dice, target) : "";
  const withBody = method !== "GET" && method !== "HEAD" && dice.chance(0.85);
  const { content, type } = withBody ? hostileBody(dice, target, path) : { content: undefined, type: "" };
  const headers = [
    `host: ${dice.chance(0.95) ? target.host : hostOf(dice)}`,
    ...(content === undefined ? [] : [`content-length: ${content.length}`]),
    ...(type === "" ? [] : [`content-type: ${type}`]),
    ...(aim?.headers ?? []),
    ...(dice.chance(0.5) ? hostileHeaders(dice, target) : []),
  ];
  const head = `${method} ${requestTarget(path, query)} HTTP/1.1\r\n${headers.join("\r\n")}\r\n\r\n`;
  const bytes = Buffer.concat([Buffer.from(head, "latin1"), content ?? Buffer.alloc(0)]);
  return { kind: "whole", pieces: [bytes], mode: "whole", head: method === "HEAD" };
}

const ATTEMPT_VERBS = ["renew", "complete", "fail", "release"] as const;

/** A request for an existing resource. */
interface Aim {
  readonly method: string;
  readonly path: string;
  readonly headers?: readonly string[];
}

/** Streams that end by themselves, because a connection is reused once its answer is complete. */
function watch(dice: Dice, target: Target): Aim {
  const headers = [
    `x-server-timeout: ${dice.pick(["0.05", "0.2", "0"])}`,
    `last-event-id: ${dice.pick(["0", "1", "2", "3", "-1", "x"])}`,
  ];
  const name = dice.pick(target.names);
  const parent = dice.pick(["", "projects/p/", "-/", "projects/-/", "projects/p/locations/l/"]);
  return { method: "GET", path: `/v1/${dice.pick([name, `${parent}operations`])}:watch`, headers };
}

/**
 * An existing path with a method that it supports; then the query, the headers and the body are
 * hostile.
 */
function wellAimed(dice: Dice, target: Target): Aim {
  const name = dice.pick(target.names);
  return dice.pick([
    { method: "GET", path: `/v1/${name}` },
    { method: "HEAD", path: `/v1/${name}` },
    { method: "DELETE", path: `/v1/${name}` },
    { method: "POST", path: `/v1/${name}:wait` },
    { method: "POST", path: `/v1/${name}:cancel` },
    { method: "POST", path: "/v1:echo" },
    { method: "POST", path: "/v1/projects/p:echo" },
    { method: "POST", path: "/batch" },
    { method: "POST", path: "/v1/operations:claim" },
    { method: "POST", path: "/v1/projects/p/operations:claim" },
    { method: "POST", path: `/v1/operations:${dice.pick(ATTEMPT_VERBS)}` },
    { method: "POST", path: `/v1/${name}:${dice.pick(ATTEMPT_VERBS)}` },
    { method: "GET", path: "/v1/operations" },
    { method: "GET", path: "/v1/projects/p/operations" },
    { method: "GET", path: "/v1/-/operations" },
    { method: "GET", path: "/$discovery/rest" },
    { method: "GET", path: "/openapi.json" },
  ]);
}

function hostOf(dice: Dice): string {
  return dice.pick([
    "",
    "a:b:c",
    "[::1",
    "evil.example",
    "x".repeat(300),
    "a b",
    "a/b?c#d",
    "\u00fc.example",
  ]);
}

const FIXED_PATHS: readonly string[] = [
  "/",
  "/v1",
  "/v1/",
  "/v2/operations",
  "/v1/operations",
  "/v1/operations/",
  "/v1//operations",
  "/v1/-/operations",
  "/v1/projects/-/operations",
  "/v1/projects/p/locations/l/operations",
  "/v1:echo",
  "/v1:echo",
  "/v1:fail",
  "/v1/projects/p:echo",
  "/v1:nothing",
  "/v1:",
  "/v1::echo",
  "/batch",
  "/batch/x/v1",
  "/batch/longrunning/v1",
  "/$discovery/rest",
  "/%24discovery/rest",
  "/discovery/v1/apis",
  "/discovery/v1/apis/longrunning/v1/rest",
  "/openapi.json",
  "/favicon.ico",
  "*",
];

function hostilePath(dice: Dice, target: Target): string {
  const name = (): string => dice.pick(target.names);
  return dice.oneOf([
    () => dice.pick(FIXED_PATHS),
    () => `/v1/${name()}`,
    () => `/v1/${encodeURIComponent(name())}`,
    () => `/v1/operations/${encodeURIComponent(name())}`,
    () => `/v1/${name()}:${dice.pick(["wait", "cancel", "wait", "delete", "", "WAIT", hostileText(dice)])}`,
    () => `/v1/${hostileText(dice)}/operations/${hostileText(dice)}`,
    () => `/v1/${dice.some(40, () => hostileText(dice).slice(0, 20)).join("/")}`,
    () => `/v1/${hostileText(dice)}:${hostileText(dice)}`,
    () => `/${hostileText(dice)}`,
    () => `/v1/${"a/".repeat(dice.below(3_000))}operations`,
    () => mutated(dice, `/v1/${name()}`),
  ]);
}

/** Changes, removes or doubles a few characters. */
function mutated(dice: Dice, text: string): string {
  let changed = text;
  for (let times = 1 + dice.below(3); times > 0; times--) {
    const at = dice.below(changed.length);
    const put = dice.oneOf([
      () => "",
      () => `%${dice.below(256).toString(16).padStart(2, "0")}`,
      () => dice.word(2),
      () => changed.slice(at, at + 4),
    ]);
    changed = changed.slice(0, at) + put + changed.slice(at + dice.below(3));
  }
  return changed;
}

/**
 * Bytes that HTTP allows in a request target; the rest is percent-encoded, which is hostile enough.
 */
function requestTarget(path: string, query: string): string {
  const text = query === "" ? path : `${path}?${query}`;
  const encoded = Buffer.from(text.toWellFormed(), "utf8")
    .toString("latin1")
    .replaceAll(/[^\u0021-\u007e]/g, (byte) => `%${byte.charCodeAt(0).toString(16).padStart(2, "0")}`);
  return (encoded === "" ? "/" : encoded).slice(0, 20_000);
}
