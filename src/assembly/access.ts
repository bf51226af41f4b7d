import type { Rules } from "../access/rules.ts";
import type { Authorize } from "../access/own-authorizer.ts";
import type { AuditLog } from "../audit/audit.ts";
import type { Caller, CallerIdentity } from "../core/caller.ts";
import { checkFunction, checkOptionNames, shownOption } from "../core/value/options.ts";
import type { Authenticate, Sender } from "../core/ports/authenticate.ts";
import type { Authorizer } from "../core/ports/authorizer.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Store } from "../core/ports/store.ts";
import type { Policy, PolicyChanges } from "../engine/policy.ts";
import type { Tenants } from "../core/ports/tenants.ts";
import type { QuotaRule } from "../core/quota.ts";
import type { OpenedQuotas } from "./quotas.ts";
import { anonymously, asSent } from "../server/authenticate.ts";

/**
 * The caller of a request, as the program's function returns it. Undefined for an unknown caller.
 */
export type AuthenticatedCaller =
  | (Partial<CallerIdentity> & Pick<CallerIdentity, "principal"> & { readonly groups?: readonly string[] })
  | undefined;

/** Authentication and authorization of callers. */
export interface AccessOptions {
  /** A file of rules, in YAML or JSON. @see docs/access.md */
  readonly rules?: string;
  /**
   * Whether the query may contain an access token (`access_token`). Proxies and browsers often log
   * queries. @default false
   */
  readonly queryCredentials?: boolean;
  /**
   * Identifies the caller of a request from its headers or its connection.
   *
   * @throws {StatusError} for invalid credentials
   */
  readonly authenticate?: (sender: Sender) => AuthenticatedCaller | Promise<AuthenticatedCaller>;
  /** Decides instead of rules. */
  readonly authorize?: Authorize;
  /**
   * Patterns of the parents of tenants, such as `["projects/*"]`: an operation that is started
   * there belongs to that tenant. With rules, the rules define the tenants.
   */
  readonly tenants?: readonly string[];
}

/** Authentication and authorization of callers. */
export interface OpenedAccess {
  readonly authenticate: Authenticate;
  readonly authorizer: Authorizer | undefined;
  /** Announces changes of permissions. Undefined if they never change. */
  readonly changes: PolicyChanges | undefined;
  /** The current rate limits in the rules. Undefined without rules. */
  readonly quotas: (() => readonly QuotaRule[]) | undefined;
  /** Undefined if there are no patterns of tenants. */
  readonly tenants: Tenants | undefined;
  /** Reads the rules again. @throws {TypeError} for invalid rules; the old ones stay in force */
  reload(): Promise<void>;
  /** Records that this process has revoked an API key, by its hash. */
  keyRevoked(hash: string): void;
  stop(): void;
}

/** The options, read before there is a store. */
export interface ReadAccess {
  readonly options: AccessOptions;
  readonly rules: Rules | undefined;
}

/** Reads the rules that the options name, if any. @throws {TypeError} for invalid rules */
export async function readAccess(options: AccessOptions | undefined): Promise<ReadAccess | undefined> {
  if (options === undefined) return undefined;
  if (options.rules === undefined) return { options, rules: undefined };
  const { loadRules } = await import("../access/load.ts");
  return { options, rules: await loadRules(options.rules) };
}

/** The parts for opening access. */
export interface AccessParts {
  /** Reads a file of rules. @default from the disk */
  readonly load?: ((path: string) => Promise<Rules>) | undefined;
  readonly store: Pick<Store, "resources" | "time">;
  readonly clock: Clock;
}

/** Opens the access of the options; undefined without options. */
export async function openAccess(
  read: ReadAccess | undefined,
  parts: AccessParts,
): Promise<OpenedAccess | undefined> {
  if (read === undefined) return undefined;
  const { options, rules } = read;
  const own = options.authenticate === undefined ? undefined : callerBy(options.authenticate);
  if (rules !== undefined) return openRules(read.options, { ...parts, rules, own });
  const { authorize } = options;
  return {
    authenticate: own === undefined ? anonymously : firstOf(own, anonymously),
    authorizer: authorize === undefined ? undefined : await ownAuthorizer(authorize),
    changes: undefined,
    quotas: undefined,
    tenants: await tenantsOf(options.tenants),
    reload: async () => {},
    keyRevoked: () => {},
    stop: () => {},
  };
}

async function openRules(
  { rules: path = "", queryCredentials = false }: AccessOptions,
  parts: AccessParts & { readonly rules: Rules; readonly own: OwnAuthenticate | undefined },
): Promise<OpenedAccess> {
  const { rules, own, store, clock, load } = parts;
  const [{ GrantAuthorizer }, { loadRules }, { Authenticator }, { TenantPatterns }] = await Promise.all([
    import("../access/authorizer.ts"),
    import("../access/load.ts"),
    import("../access/credentials/authenticator.ts"),
    import("../access/tenants.ts"),
  ]);
  const authorizer = new GrantAuthorizer(rules, clock);
  let current = rules;
  let tenants = new TenantPatterns(rules.tenants);
  const { resources } = store;
  const authenticator = await Authenticator.open(rules.credentials, {
    tokensInAddress: queryCredentials,
    resources,
    time: () => store.time(),
    clock,
  });
  const byCredentials: Authenticate = (sender) => {
    const caller = authenticator.callerOf(sender);
    if (caller === undefined) return anonymously(sender);
    return caller instanceof Promise ? caller.then((each) => asSent(each, sender)) : asSent(caller, sender);
  };
  return {
    authenticate: own === undefined ? byCredentials : firstOf(own, byCredentials),
    authorizer,
    changes: {
      watch: (listener) => {
        const unwatch = [authorizer.watch(listener), authenticator.watch(listener)];
        return () => {
          for (const each of unwatch) each();
        };
      },
    },
    quotas: () => current.quotas,
    tenants: { of: (resource) => tenants.of(resource) },
    reload: inTurn(async () => {
      const next = await (load ?? loadRules)(path);
      await authenticator.replace(next.credentials);
      current = next;
      tenants = new TenantPatterns(next.tenants);
      authorizer.replace(next);
    }),
    keyRevoked: (hash) => authenticator.revoked(hash),
    stop: () => authenticator.stop(),
  };
}

/** Runs one at a time. All calls during a run share one further run after it. */
function inTurn(run: () => Promise<void>): () => Promise<void> {
  let last: Promise<void> = Promise.resolve();
  let waiting: Promise<void> | undefined;
  return () => {
    waiting ??= last = last
      .catch(() => undefined)
      .then(() => {
        waiting = undefined;
        return run();
      });
    return waiting;
  };
}

async function tenantsOf(patterns: readonly string[] | undefined): Promise<Tenants | undefined> {
  if (patterns === undefined) return undefined;
  const { patternViolation, TenantPatterns } = await import("../access/tenants.ts");
  for (const pattern of patterns) {
    const violation = patternViolation(pattern);
    if (violation !== undefined) throw new TypeError(`access.tenants: ${violation}`);
  }
  return new TenantPatterns(patterns);
}

async function ownAuthorizer(authorize: Authorize): Promise<Authorizer> {
  const { OwnAuthorizer } = await import("../access/own-authorizer.ts");
  return new OwnAuthorizer(authorize);
}

/** The ports of the chain; undefined if there are none. */
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
    ...(access?.tenants === undefined ? {} : { tenants: access.tenants }),
  };
}

type OwnAuthenticate = (sender: Sender) => Caller | undefined | Promise<Caller | undefined>;

/** Makes callers from the result of a function of the program. */
function callerBy(own: NonNullable<AccessOptions["authenticate"]>): OwnAuthenticate {
  return (sender) => {
    const said = own(sender);
    const callerFor = (each: AuthenticatedCaller): Caller | undefined => {
      if (each === undefined) return undefined;
      const { principal, tenant = null, groups = [] } = each;
      if (typeof principal !== "string" || principal === "")
        throw new TypeError(
          `access.authenticate: expected a principal such as "user:ada", got ${shownOption(principal)}`,
        );
      return { ...anonymously(sender), principal, tenant, groups };
    };
    return said instanceof Promise ? said.then(callerFor) : callerFor(said);
  };
}
/** The caller from the first function, or else from the second. */
function firstOf(own: OwnAuthenticate, other: Authenticate): Authenticate {
  return (sender) => {
    const caller = own(sender);
    if (caller instanceof Promise) return caller.then((each) => each ?? other(sender));
    return caller ?? other(sender);
  };
}

/** @throws {TypeError} with the invalid member */
export function checkAccess(what: string, value: unknown): void {
  const example = '{ rules: "access.yaml" }';
  checkOptionNames(what, value, ["rules", "queryCredentials", "authenticate", "authorize", "tenants"], {
    example,
  });
  const { rules, authenticate, authorize, tenants } = value as AccessOptions;
  if (tenants !== undefined && !(Array.isArray(tenants) && tenants.every((each) => typeof each === "string")))
    throw new TypeError(
      `${what}.tenants: expected a list of texts such as ["projects/*"], got ${shownOption(tenants)}`,
    );
  if (rules !== undefined && tenants !== undefined)
    throw new TypeError(`${what}: rules and tenants both say who the tenants are; give one of them`);
  if (authenticate !== undefined)
    checkFunction(`${what}.authenticate`, authenticate, '(sender) => ({ principal: "user:ada" })');
  if (authorize !== undefined) checkFunction(`${what}.authorize`, authorize, "(call) => true");
  if (rules !== undefined && authorize !== undefined)
    throw new TypeError(`${what}: rules and authorize both say what callers may do; give one of them`);
}
