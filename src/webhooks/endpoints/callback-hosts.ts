import { isIPv4 } from "node:net";
import { LIMITS } from "../../core/limits.ts";
import type { Endpoint } from "./endpoint.ts";

/**
 * Hosts that callback URLs may be of: a name, an address, or `*.` and a name for all names below it. Ports are not looked at.
 */

const ANY_BELOW = "*.";

/** The rule that a list of hosts breaks; undefined where it breaks none. */
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
  // Only as URLs have it: a name in capitals or with a port would never be found in one.
  if (!URL.canParse(url) || new URL(url).hostname !== name || name.includes("*")) return false;
  // No name is below an address, and a name has no empty label.
  return isAddress(name) ? !isPattern : !name.split(".").includes("");
}

function isAddress(hostname: string): boolean {
  return hostname.startsWith("[") || isIPv4(hostname);
}

/** Whether an endpoint is told of operations that name this URL. */
export function takesCallback({ callbackHosts = [] }: Pick<Endpoint, "callbackHosts">, url: string): boolean {
  if (callbackHosts.length === 0 || !URL.canParse(url)) return false;
  const { hostname } = new URL(url);
  return callbackHosts.some((host) =>
    host.startsWith(ANY_BELOW) ? hostname.endsWith(host.slice(1)) : hostname === host,
  );
}

/** Whether an endpoint has no address of its own. */
export function isForCallbacks({ callbackHosts = [] }: Pick<Endpoint, "callbackHosts">): boolean {
  return callbackHosts.length > 0;
}
