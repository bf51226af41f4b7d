import { type AccessOptions, checkAccess } from "./access.ts";
import { checkEncryption, type EncryptionOptions } from "./encryption.ts";
import { type DeclaredMethod, isDeclaredMethod } from "../core/method/answered-method.ts";
import type { Duration } from "../core/value/duration.ts";
import type { Method } from "../core/method/method.ts";
import { checkFunction, checkOptionNames, shownOption } from "../core/value/options.ts";
import { isUnboundMethod } from "../core/method/unbound-method.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Log } from "../core/ports/log.ts";
import type { Random } from "../core/ports/random.ts";
import { readOptions } from "../config/options.ts";
import type { SettingsFor } from "../config/parse.ts";
import type { SettingTable } from "../config/setting.ts";
import { LISTEN_KEYS, OPEN_KEYS } from "../config/setting-keys.ts";
import { type SettingKey, SETTINGS } from "../config/settings.ts";
import type { TlsPair } from "../server/listening/tls.ts";
import { checkQuotas, type QuotaOptions } from "./quotas.ts";
import type { FixedEndpoint } from "../webhooks/endpoints/fixed.ts";
import { checkWebhookEndpoints } from "./webhooks-door.ts";
import type { PostgresOptions } from "../store/postgres/open.ts";

/** The options of `openOperations`. */
export interface OpenOptions {
  /** The methods to offer and, unless `worker` is false, to run. */
  readonly methods: readonly DeclaredMethod[];
  /** `sqlite:path/to/file.db`, `postgres://user@host/database`, or `sqlite::memory:` for tests. */
  readonly store: string;
  /** Options for PostgreSQL; ignored for other stores. */
  readonly postgres?: PostgresOptions;
  /** Whether this process runs handlers. @default true */
  readonly worker?: boolean;
  /**
   * Whether callers of this process wait for operations. On PostgreSQL, `false` saves a process
   * that only runs handlers the notifications about operations that end elsewhere; waits still end
   * within a second. @default true
   */
  readonly callers?: boolean;
  /** The most concurrent handlers in this process, over all methods; 0 runs none. @default 64 */
  readonly concurrency?: number;
  /** How long a vanished worker's operations wait before another attempt. @default "30s" */
  readonly lease?: Duration;
  /** The time for running handlers on {@link OpenedOperations.stop}. @default "10s" */
  readonly drain?: Duration;
  /** The service's name in discovery and in the `domain` of its errors. @default "longrunning" */
  readonly name?: string;
  /** The service's title in discovery. @default the name */
  readonly title?: string;
  /** The public address, if it differs from the Host of requests; for discovery documents. */
  readonly publicUrl?: string;
  /** Origins whose pages may call from browsers, such as `https://app.example.com`; `*` for all. @default none */
  readonly cors?: readonly string[];
  /** Whether any page may read answers as scripts (`callback=…`). @default false */
  readonly jsonp?: boolean;
  /**
   * Whether metrics are collected and `GET /metrics` serves them, without credentials.
   * @default false; for `serve`: true on a loopback address without `publicUrl`
   */
  readonly metrics?: boolean;
  /** Whether statistics by method are stored for operators. @default true */
  readonly statistics?: boolean;
  /**
   * With a registered OpenTelemetry provider: `link` gives each attempt its own trace, linked to
   * the span of the start; `parent` makes the attempt a child span of the start, which suits short
   * work. @default "link"
   */
  readonly attemptSpans?: "link" | "parent";
  /**
   * The audit log: a file that gets one line of JSON for each write and each refusal, before the
   * caller is answered (`docs/audit.md`); `-` for standard output. @default none
   */
  readonly audit?: string;
  /** Whether the audit log records successful reads too. @default false */
  readonly auditReads?: boolean;
  /**
   * While the audit log cannot be written: `continue` keeps records in memory and lets calls
   * succeed; `refuse` fails calls with UNAVAILABLE. @default "continue"
   */
  readonly auditFailure?: "continue" | "refuse";
  /** Encrypts stored payloads (`docs/encryption.md`). @default not encrypted */
  readonly encryption?: EncryptionOptions;
  /** Authentication and authorization of callers. @default every caller may do everything */
  readonly access?: AccessOptions;
  /**
   * Rate limits of tenants, principals and their users: `[{ of: "principal", read: "600/m" }]`. On
   * PostgreSQL each process applies its share. @default no limits
   */
  readonly quotas?: readonly QuotaOptions[];
  /** Whether callers may create webhook endpoints; the same in all processes. @default false */
  readonly webhooks?: boolean;
  /** Private networks that webhooks may reach, such as `10.0.0.0/8`. @default none */
  readonly webhookAllow?: readonly string[];
  /** The HTTP proxy for webhooks, such as `http://proxy.example.com:3128`. @default none */
  readonly webhookProxy?: string;
  /** Fixed webhook endpoints, the same in all processes. @default none */
  readonly webhookEndpoints?: readonly FixedEndpoint[];
  readonly log?: Log;
  /** Whether `log` gets a line for each HTTP request and each gRPC call. @default false */
  readonly accessLog?: boolean;
  readonly clock?: Clock;
  readonly random?: Random;
}

/** The options of `serve`: {@link OpenOptions} and the settings of the server. */
export interface ServeOptions extends OpenOptions {
  /**
   * The address to listen on. @default "127.0.0.1", because without `access` every client that can
   * connect may do everything
   */
  readonly host?: string;
  /** 0 for any free port. @default 8080 */
  readonly port?: number;
  /**
   * A separate port for probes, without TLS; a worker has no other. 0 chooses a free port.
   * @default none; `port` answers probes
   */
  readonly probePort?: number;
  /**
   * Host names of the server, such as `archive.example.com`; `*.example.com` for all names below
   * it, `*` for all names. REST requests for other names are rejected, as a protection against DNS
   * rebinding. IP addresses, `localhost` and the name in `publicUrl` are always allowed.
   * @default none on a loopback address; all elsewhere
   */
  readonly allowedHosts?: readonly string[];
  /**
   * Access of operators at `/admin/`: none, read only, or reads and actions. It shows data that
   * callers never see.
   * @default "full" on a loopback address without `publicUrl`, "off" elsewhere
   */
  readonly admin?: "off" | "read" | "full";
  /** The bearer token of operators. @default no token is required */
  readonly adminToken?: string;
  /**
   * Whether a server that other machines can reach needs `access` with `rules` or `authorize`. With
   * `false` every client that reaches it may do everything; use it only behind a proxy or in a
   * private network. @default true
   */
  readonly accessControl?: boolean;
  /** The certificate, with its chain, and its private key, as PEM. @default no TLS: for a proxy, or for this machine */
  readonly tls?: TlsPair;
  /**
   * The role of this process: it answers calls (`api`), runs handlers (`worker`), or does both
   * (`all`). SQLite allows only one process, so there the role is `all`. @default "all"
   */
  readonly role?: "all" | "api" | "worker";
  /**
   * The time between the call of `stop` and the closing of the port, for load balancers to react:
   * health checks answer NOT_SERVING, and connections close after their next answer. @default "0s"
   */
  readonly drainDelay?: Duration;
}

/** An option that is not a setting. */
interface OwnOption {
  /** @throws {TypeError} with the invalid value; `name` is the option's name */
  readonly check: (name: string, value: unknown) => void;
  /** The reason, and the replacement on the command line. */
  readonly reason: string;
}

/** The option of a setting, or the option that contains it. */
type OptionName<K extends SettingKey> = K extends SettingKey
  ? (typeof SETTINGS)[K] extends { readonly option: `${infer Group}.${string}` }
    ? Group
    : K
  : never;
type OpenKey = (typeof OPEN_KEYS)[number];
type ServeKey = OpenKey | (typeof LISTEN_KEYS)[number];

const OPEN_OWN = {
  methods: { check: methodList, reason: "the FILEs of `longrunning serve`, and `--methods`" },
  worker: { check: truth, reason: "`--role api`, or `--concurrency 0`" },
  callers: { check: truth, reason: "`--role worker`" },
  quotas: { check: checkQuotas, reason: "`--access` names a file that has them" },
  webhookEndpoints: { check: checkWebhookEndpoints, reason: "`--webhook-endpoints` names a file" },
  log: { check: functions("debug", "info", "warn", "error"), reason: "`--log-format` and `--log-level`" },
  clock: { check: functions("now", "monotonic", "after", "soon"), reason: "for tests" },
  random: { check: functions("fraction", "bytes"), reason: "for tests" },
} as const satisfies Record<Exclude<keyof OpenOptions, OptionName<OpenKey>>, OwnOption>;

const SERVE_OWN = {
  ...OPEN_OWN,
  tls: { check: tlsPair, reason: "`--tls-cert` and `--tls-key` name files" },
} as const satisfies Record<Exclude<keyof ServeOptions, OptionName<ServeKey>>, OwnOption>;

/** The options that are not settings. A test compares `docs/configuration.md` with them. */
export const OWN_OPTIONS: Readonly<Record<string, OwnOption>> = SERVE_OWN;

/** Names of these options in other libraries, for suggestions. */
const OTHER_NAMES = {
  database: "store",
  db: "store",
  handlers: "methods",
  logger: "log",
  url: "store",
  workers: "worker",
};

/**
 * Validates the options of `openOperations` before anything is opened.
 *
 * @returns the settings among them, with defaults for missing ones
 * @throws {TypeError} with the invalid options, their allowed values and their values
 */
export function readOpenOptions(options: OpenOptions): SettingsFor<OpenKey> {
  return readAll("openOperations", options, OPEN_KEYS, OPEN_OWN);
}

/** The same for `serve`. */
export function readServeOptions(options: ServeOptions): SettingsFor<ServeKey> {
  return readAll("serve", options, [...OPEN_KEYS, ...LISTEN_KEYS], SERVE_OWN);
}

function readAll<K extends SettingKey>(
  what: string,
  options: OpenOptions,
  keys: readonly K[],
  own: Readonly<Record<string, OwnOption>>,
): SettingsFor<K> {
  const table: SettingTable = SETTINGS;
  const paths = keys.map((key) => (table[key]?.option ?? key).split("."));
  const names = new Set([...Object.keys(own), ...paths.map(([name = ""]) => name)]);
  const example = '{ methods: [createArchive], store: "sqlite:operations.db" }';
  const violations: string[] = [];
  collect(violations, () => checkOptionNames(what, options, names, { example, otherNames: OTHER_NAMES }));
  if (typeof options !== "object" || options === null) throw new TypeError(violations.join("\n"));
  const { postgres } = options;
  if (postgres !== undefined) {
    const known = paths.flatMap(([name, member = ""]) => (name === "postgres" ? [member] : []));
    const postgresExample = { example: "{ connections: 8 }" };
    collect(violations, () => checkOptionNames("postgres", postgres, known, postgresExample));
  }
  const { encryption } = options;
  if (encryption !== undefined) collect(violations, () => checkEncryption(encryption));
  const { access } = options;
  if (access !== undefined) collect(violations, () => checkAccess("access", access));
  for (const [name, { check }] of Object.entries(own)) {
    const value: unknown = Reflect.get(options, name);
    if (value !== undefined || name === "methods") collect(violations, () => check(name, value));
  }
  const settings = readOptions(keys, { ...options }, violations);
  if (violations.length > 0) throw new TypeError(violations.join("\n"));
  return settings;
}

/** Collects the error of a check. */
function collect(violations: string[], check: () => void): void {
  try {
    check();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    violations.push(error.message);
  }
}

function methodList(what: string, value: unknown): void {
  if (!Array.isArray(value))
    throw new TypeError(
      `${what}: expected a list of methods such as [createArchive], got ${shownOption(value)}`,
    );
  for (const [index, each] of value.entries()) {
    if (isDeclaredMethod(each)) continue;
    const why = isUnboundMethod(each)
      ? `the handler of ${each.rpcName}, which has no descriptor yet; call its bind(readDescriptors(bytes))`
      : shownOption(each);
    throw new TypeError(`${what}[${index}]: expected what defineMethod() gives, got ${why}`);
  }
}

function truth(what: string, value: unknown): void {
  if (typeof value !== "boolean")
    throw new TypeError(`${what}: expected true or false, got ${shownOption(value)}`);
}

function tlsPair(what: string, value: unknown): void {
  checkOptionNames(what, value, ["cert", "key", "clientCa"], { example: "{ cert, key }" });
  const { cert, key, clientCa } = value as Readonly<Record<string, unknown>>;
  for (const [name, pem] of Object.entries({ cert, key, ...(clientCa === undefined ? {} : { clientCa }) })) {
    if (typeof pem === "string" || pem instanceof Uint8Array) continue;
    throw new TypeError(`${what}.${name}: expected PEM text, got ${shownOption(pem)}`);
  }
}

function functions(...names: readonly string[]): OwnOption["check"] {
  return (what, value) => {
    if (typeof value !== "object" || value === null)
      throw new TypeError(`${what}: expected an object with ${names.join(", ")}, got ${shownOption(value)}`);
    for (const name of names)
      checkFunction(`${what}.${name}`, (value as Readonly<Record<string, unknown>>)[name], "(…) => { … }");
  };
}

/** The methods of operations by name. @throws {TypeError} if two have the same name */
export function methodsByName(methods: readonly Method[]): ReadonlyMap<string, Method> {
  const named = new Map<string, Method>();
  for (const [name, method] of methods.map((each) => [each.name, each] as const)) {
    if (named.has(name)) throw new TypeError(`Method "${name}" is declared twice; give one another name`);
    named.set(name, method);
  }
  return named;
}
