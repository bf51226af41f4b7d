import type { IncomingMessage } from "node:http";
import { checkFunction, checkOptionNames } from "../core/value/options.ts";
import { type AccessAnswer, admittedBy, admittedBySettings } from "../server/admin/access.ts";
import type { AdminMount } from "../server/admin/door.ts";
import { localHosts } from "../server/admin/way.ts";
import type { Authenticate } from "../core/ports/authenticate.ts";
import { isLoopback } from "../server/listening/host.ts";
import { checkPath } from "./mounting.ts";

/** The path of the operators' interface of `serve`. */
const PATH = "/admin/";

/** The operators' interface of `serve`, and its access. */
export type AdminSetting =
  | { readonly level: "off"; readonly why: string }
  | {
      readonly level: "read" | "full";
      readonly token: string | undefined;
      /** The hosts by which operators reach the server; undefined allows all. */
      readonly hosts: ReadonlySet<string> | undefined;
      /** Whether the setting is missing: then only this machine has access. */
      readonly isDefault: boolean;
    };

/** The operators' setting of a server, or the default that depends on its address. */
export function adminSettingOf(settings: {
  readonly admin: "off" | "read" | "full" | undefined;
  readonly adminToken: string | undefined;
  readonly host: string;
  readonly publicUrl: string | undefined;
  /** Whether rules, or a function of the program, decide what callers may do. */
  readonly isByRules: boolean;
}): AdminSetting {
  const { admin, adminToken: token, host, publicUrl, isByRules } = settings;
  if (isByRules && token !== undefined)
    throw new TypeError(
      "adminToken cannot be used together with access rules: remove it, and grant the role operator in the rules",
    );
  const hosts = isLoopback(host) ? localHosts(publicUrl) : undefined;
  if (admin === "off") return { level: "off", why: "--admin off" };
  if (admin !== undefined) return { level: admin, token, hosts, isDefault: false };
  if (isByRules) return { level: "full", token, hosts, isDefault: false };
  const hint = "--admin read or --admin full opens it";
  if (hosts === undefined) return { level: "off", why: `others reach ${host} too; ${hint}` };
  if (publicUrl !== undefined) return { level: "off", why: `callers come by ${publicUrl}; ${hint}` };
  return { level: "full", token, hosts, isDefault: true };
}

/** The path of the operators' interface of `serve`, with its admission. */
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

/** The options of the operators' interface in a program. */
export interface AdminListenerOptions {
  /**
   * The permissions of a request: `"full"`, `"read"`, or `"read"` with some actions; with
   * `collection` limited to its operations. Undefined for none.
   */
  readonly access: (request: IncomingMessage) => AccessAnswer | Promise<AccessAnswer>;
  /**
   * The path of the interface in requests as they arrive here, without a prefix that a framework
   * has stripped.
   *
   * @default "/admin/"
   */
  readonly path?: string;
}

/**
 * The mount of the operators' interface in a program. @throws {TypeError} with the invalid option
 */
export function mountOfListener(options: AdminListenerOptions, authenticate: Authenticate): AdminMount {
  const example = '{ access: (request) => (isOperator(request) ? "full" : undefined) }';
  checkOptionNames("adminListener", options, ["access", "path"], { example });
  const { access, path = PATH } = options;
  checkFunction("adminListener: access", access, '(request) => "read"');
  checkPath("adminListener: path", path);
  const admit = admittedBy(access, authenticate);
  return { path, admit: admit as AdminMount["admit"], ways: { hosts: undefined } };
}
