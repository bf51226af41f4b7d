import type { IncomingMessage } from "node:http";
import { checkFunction, checkOptionNames, shownOption } from "../core/value/options.ts";
import { type AccessAnswer, admittedBy, admittedBySettings } from "../server/admin/access.ts";
import type { AdminMount } from "../server/admin/door.ts";
import { localHosts } from "../server/admin/way.ts";
import type { Authenticate } from "../core/ports/authenticate.ts";
import { isLoopback } from "../server/listening/host.ts";

/** Where the operators' interface of `serve` is. */
const PATH = "/admin/";

/** What `serve` does for operators. */
export type AdminSetting =
  | { readonly level: "off"; readonly why: string }
  | {
      readonly level: "read" | "full";
      readonly token: string | undefined;
      /** The hosts that operators reach the server by; undefined for all. */
      readonly hosts: ReadonlySet<string> | undefined;
      /** Whether nobody said so: then it is for this machine only. */
      readonly isDefault: boolean;
    };

/** What the settings of a server say of operators, or what follows from where it listens. */
export function adminSettingOf(settings: {
  readonly admin: "off" | "read" | "full" | undefined;
  readonly adminToken: string | undefined;
  readonly host: string;
  readonly publicUrl: string | undefined;
  /** Whether access rules, or a function of the program's, decide what callers may do. */
  readonly isByRules: boolean;
}): AdminSetting {
  const { admin, adminToken: token, host, publicUrl, isByRules } = settings;
  if (isByRules && token !== undefined)
    throw new TypeError("adminToken: access rules say who is an operator; grant a role to those who sent it");
  const hosts = isLoopback(host) ? localHosts(publicUrl) : undefined;
  if (admin === "off") return { level: "off", why: "--admin off" };
  if (admin !== undefined) return { level: admin, token, hosts, isDefault: false };
  if (isByRules) return { level: "full", token, hosts, isDefault: false };
  const hint = "--admin read or --admin full opens it";
  if (hosts === undefined) return { level: "off", why: `others reach ${host} too; ${hint}` };
  if (publicUrl !== undefined) return { level: "off", why: `callers come by ${publicUrl}; ${hint}` };
  return { level: "full", token, hosts, isDefault: true };
}

/** Where the operators' interface of `serve` is, and whom it admits. */
export function mountOf(
  { level, token, hosts, isDefault }: Exclude<AdminSetting, { level: "off" }>,
  authenticate: Authenticate,
): AdminMount {
  const noProxy =
    isDefault && token === undefined
      ? "A proxy passed this on, and operators of this server are on its own machine; its setting admin can let others in."
      : undefined;
  return { path: PATH, admit: admittedBySettings({ level, token }, authenticate), ways: { hosts, noProxy } };
}

/** How a program serves operators. */
export interface AdminListenerOptions {
  /**
   * What whoever sent a request may do: `"full"`, `"read"`, or `"read"` with some actions; with `collection` only of what is in
   * there. Undefined: nothing.
   */
  readonly access: (request: IncomingMessage) => AccessAnswer | Promise<AccessAnswer>;
  /**
   * Where it is, as requests have it when they get here: what a framework takes away before is not part of it.
   *
   * @default "/admin/"
   */
  readonly path?: string;
}

/** Where a program mounts the operators' interface. @throws {TypeError} naming the option that is wrong */
export function mountOfListener(options: AdminListenerOptions, authenticate: Authenticate): AdminMount {
  const example = '{ access: (request) => (isOperator(request) ? "full" : undefined) }';
  checkOptionNames("adminListener", options, ["access", "path"], { example });
  const { access, path = PATH } = options;
  checkFunction("adminListener: access", access, '(request) => "read"');
  if (typeof path !== "string" || !/^\/(?:[^?#]*\/)?$/.test(path))
    throw new TypeError(
      `adminListener: path: expected a path with a slash at both ends, such as "/admin/", got ${shownOption(path)}`,
    );
  const admit = admittedBy(access, authenticate);
  return { path, admit: admit as AdminMount["admit"], ways: { hosts: undefined } };
}
