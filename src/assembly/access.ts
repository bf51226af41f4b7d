import type { Authorize } from "../access/own-authorizer.ts";
import type { AuditLog } from "../audit/audit.ts";
import type { Caller, CallerIdentity } from "../core/caller.ts";
import { checkFunction, checkOptionNames } from "../core/value/options.ts";
import type { Authorizer } from "../core/ports/authorizer.ts";
import type { Policy, PolicyChanges } from "../engine/policy.ts";
import type { QuotaRule } from "../core/quota.ts";
import type { OpenedQuotas } from "./quotas.ts";
import { anonymously, type Authenticate, type Sender } from "../server/authenticate.ts";

/** Who sent a request, as a program says it. Undefined for nobody it knows. */
export type AuthenticatedCaller =
  | (Partial<CallerIdentity> & Pick<CallerIdentity, "principal"> & { readonly groups?: readonly string[] })
  | undefined;

/** Who callers are and what they may do. */
export interface AccessOptions {
  /** A file of rules, in YAML or JSON. @see docs/access.md */
  readonly rules?: string;
  /**
   * Says who sent a request, from its headers or its connection.
   *
   * @throws {StatusError} for credentials that are none
   */
  readonly authenticate?: (sender: Sender) => AuthenticatedCaller | Promise<AuthenticatedCaller>;
  /** Decides instead of rules. */
  readonly authorize?: Authorize;
}

/** What says who callers are and what they may do. */
export interface OpenedAccess {
  readonly authenticate: Authenticate;
  readonly authorizer: Authorizer | undefined;
  /** Tells where what callers may do changes. Undefined where it never does. */
  readonly changes: PolicyChanges | undefined;
  /** How often callers may call, by the rules as they are by then. Undefined without rules. */
  readonly quotas: (() => readonly QuotaRule[]) | undefined;
  /** Reads the rules again. @throws {TypeError} for rules that are no good, and then the old ones stay */
  reload(): Promise<void>;
}

/** Opens what the options say of access; undefined where they say nothing. @throws {TypeError} for rules that are no good */
export async function openAccess(options: AccessOptions | undefined): Promise<OpenedAccess | undefined> {
  if (options === undefined) return undefined;
  const { rules, authenticate: own, authorize } = options;
  const authenticate = own === undefined ? anonymously : authenticatedBy(own);
  if (rules === undefined) {
    const authorizer = authorize === undefined ? undefined : await ownAuthorizer(authorize);
    return { authenticate, authorizer, changes: undefined, quotas: undefined, reload: async () => {} };
  }
  const [{ GrantAuthorizer }, { loadRules }] = await Promise.all([
    import("../access/authorizer.ts"),
    import("../access/load.ts"),
  ]);
  let read = await loadRules(rules);
  const authorizer = new GrantAuthorizer(read);
  const reload = async (): Promise<void> => authorizer.replace((read = await loadRules(rules)));
  return { authenticate, authorizer, changes: authorizer, quotas: () => read.quotas, reload };
}

async function ownAuthorizer(authorize: Authorize): Promise<Authorizer> {
  const { OwnAuthorizer } = await import("../access/own-authorizer.ts");
  return new OwnAuthorizer(authorize);
}

/** The ports of the chain that there are; undefined for none. */
export function policyOf({
  audit,
  access,
  quotas: opened,
}: {
  readonly audit: AuditLog | undefined;
  readonly access: OpenedAccess | undefined;
  readonly quotas: OpenedQuotas | undefined;
}): Partial<Policy> | undefined {
  if (audit === undefined && access === undefined && opened === undefined) return undefined;
  return {
    ...(audit === undefined ? {} : { audit }),
    ...(opened === undefined ? {} : { quotas: opened.quotas }),
    ...(access?.authorizer === undefined ? {} : { authorizer: access.authorizer }),
    ...(access?.changes === undefined ? {} : { changes: access.changes }),
  };
}

/** Makes callers of what a function of the program's says. */
function authenticatedBy(own: NonNullable<AccessOptions["authenticate"]>): Authenticate {
  return (sender) => {
    const said = own(sender);
    const callerFor = (each: AuthenticatedCaller): Caller => {
      if (each === undefined) return anonymously(sender);
      const { principal, tenant = null, groups = [] } = each;
      return { ...anonymously(sender), principal, tenant, groups };
    };
    return said instanceof Promise ? said.then(callerFor) : callerFor(said);
  };
}

/** @throws {TypeError} naming the member that is wrong */
export function checkAccess(what: string, value: unknown): void {
  const example = '{ rules: "access.yaml" }';
  checkOptionNames(what, value, ["rules", "authenticate", "authorize"], { example });
  const { rules, authenticate, authorize } = value as AccessOptions;
  if (authenticate !== undefined)
    checkFunction(`${what}.authenticate`, authenticate, '(sender) => ({ principal: "user:ada" })');
  if (authorize !== undefined) checkFunction(`${what}.authorize`, authorize, "(call) => true");
  if (rules !== undefined && authorize !== undefined)
    throw new TypeError(`${what}: rules and authorize both say what callers may do; give one of them`);
}
