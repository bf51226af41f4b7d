import { isLoopback } from "../server/listening/host.ts";
import type { AccessOptions } from "./access.ts";

/** What is noted of a server that was told to do without access control. */
export const NO_CONTROL = "access control is off: whoever reaches this server may do everything";

/** What the settings of a server say of who may call it. */
export interface ControlSettings {
  readonly host: string;
  readonly role: "all" | "api" | "worker";
  readonly accessControl: boolean;
}

/** Whether rules, or a function of the program's, decide what callers may do. */
export function isDecided(access: AccessOptions | undefined): boolean {
  return access?.rules !== undefined || access?.authorize !== undefined;
}

/** Checks that somebody decides what callers may do, where others than this machine can call. @throws {TypeError} */
export function checkControl(settings: ControlSettings, access: AccessOptions | undefined): void {
  const decides = isDecided(access);
  if (decides && !settings.accessControl)
    throw new TypeError("accessControl: it is off, and there are access rules; leave out one of them");
  if (!decides && isExposed(settings)) throw new TypeError(exposureOf(settings.host));
}

/** Whether others than this machine can call a server whose callers may do everything, and nobody said that it is meant so. */
export function isExposed({ host, role, accessControl }: ControlSettings): boolean {
  // Nobody calls a worker.
  return accessControl && role !== "worker" && !isLoopback(host);
}

/** What is wrong then, and both ways out. */
export function exposureOf(host: string): string {
  return `host: whoever reaches "${host}" could do everything, since nothing says who may do what; give access rules (--access FILE), or say that strangers cannot reach it (--no-access-control)`;
}
