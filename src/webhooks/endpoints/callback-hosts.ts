import { isIPv4 } from "node:net";
import { LIMITS } from "../../core/limits.ts";
import type { Endpoint } from "./endpoint.ts";

/**
 * The permitted hosts of callback URLs: a name, an address, or `*.` and a name for all names below
 * it. Ports are ignored.
 */

const ANY_BELOW = "*.";

/** The rule that a list of hosts breaks; undefined if it breaks none. */
export function callbackHostsViolation(hosts: unknown): string | undefined {
  const isList = Array.isArray(hosts) && hosts.length > 0 && hosts.length <= LIMITS.webhookCallbackHostsMax;
  if (!isList) return `expected 1 to ${LIMITS.webhookCallbackHostsMax} hosts such as hooks.example.com`;
  const wrong: unknown = hosts.find((host) => typeof host !== "string" || !isHost(host));
  if (wrong === undefined) return undefined;
  return `expected hosts such as hooks.example.com or *.example.com, got ${JSON.stringify(wrong)?.slice(0, 100)}`;
}

function isHost(text: string): boolean {
  const isPattern = text.startsWith(ANY_BELOW);
  const name = isPattern ? text.slice(ANY_BELOW.length) : text;
  const url = `https://${name}/`;
  // Must be spelled as in URLs: a name in capitals or with a port would never match.
  if (!URL.canParse(url) || new URL(url).hostname !== name || name.includes("*")) return false;
  // An address has no names below it, and a name has no empty label.
  return isAddress(name) ? !isPattern : !name.split(".").includes("");
}

function isAddress(hostname: string): boolean {
  return hostname.startsWith("[") || isIPv4(hostname);
}

/** Whether an endpoint delivers to this callback URL. */
export function takesCallback({ callbackHosts = [] }: Pick<Endpoint, "callbackHosts">, url: string): boolean {
  if (callbackHosts.length === 0 || !URL.canParse(url)) return false;
  const { hostname } = new URL(url);
  return callbackHosts.some((host) =>
    host.startsWith(ANY_BELOW) ? hostname.endsWith(host.slice(1)) : hostname === host,
  );
}

/** Whether an endpoint is for callbacks and has no address of its own. */
export function isForCallbacks({ callbackHosts = [] }: Pick<Endpoint, "callbackHosts">): boolean {
  return callbackHosts.length > 0;
}
