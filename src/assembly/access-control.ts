import { isLoopback } from "../server/listening/host.ts";
import type { AccessOptions } from "./access.ts";

/** The note about a server whose access control was switched off. */
export const NO_CONTROL = "access control is off: every client that reaches this server may do everything";

/** The settings of a server about access control. */
export interface ControlSettings {
  readonly host: string;
  readonly role: "all" | "api" | "worker";
  readonly accessControl: boolean;
}

/** Whether rules, or a function of the program, decide what callers may do. */
export function isDecided(access: AccessOptions | undefined): boolean {
  return access?.rules !== undefined || access?.authorize !== undefined;
}

/**
 * Checks that something decides what callers may do, if other machines can call. @throws
 * {TypeError}
 */
export function checkControl(settings: ControlSettings, access: AccessOptions | undefined): void {
  const decides = isDecided(access);
  if (decides && !settings.accessControl)
    throw new TypeError("accessControl: it is off, and there are access rules; leave out one of them");
  if (!decides && isExposed(settings)) throw new TypeError(exposureOf(settings.host));
}

/**
 * Whether other machines can reach a server whose callers may do everything, although its settings
 * do not ask for that.
 */
export function isExposed({ host, role, accessControl }: ControlSettings): boolean {
  // A worker has no callers.
  return accessControl && role !== "worker" && !isLoopback(host);
}

/** The problem, with both remedies. */
export function exposureOf(host: string): string {
  return `host: every client that reaches "${host}" could do everything, because there are no access rules; give rules (--access FILE), or confirm that strangers cannot reach it (--no-access-control)`;
}
