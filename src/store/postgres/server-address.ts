import { decoded } from "../../core/value/secret.ts";
import { splitHosts } from "../address.ts";
import type { Settings } from "./statements-session.ts";

/**
 * The parsed address of a PostgreSQL store. Missing parts come from the environment (`PGUSER`,
 * `PGPASSWORD`, …).
 */
export interface ServerAddress {
  /** If there are several, they are tried in turn. */
  readonly hosts: readonly { readonly host: string; readonly port: number | undefined }[];
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly database: string;
  readonly tls: TlsMode;
  /** The kind of server that is acceptable. */
  readonly target: Target;
  /** The settings of each session. */
  readonly settings: Settings;
}

const TLS_MODES = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"] as const;
/** How a connection is encrypted (`sslmode`). */
export type TlsMode = (typeof TLS_MODES)[number];

const TARGETS = ["any", "read-write", "read-only", "primary", "standby", "prefer-standby"] as const;
/** The kind of server to connect to (`target_session_attrs`). */
export type Target = (typeof TARGETS)[number];

/** Parameters for other clients, which are not settings of a session. */
const OF_CLIENTS: ReadonlySet<string> = new Set([
  "channel_binding",
  "connect_timeout",
  "gssencmode",
  "keepalives",
  "keepalives_count",
  "keepalives_idle",
  "keepalives_interval",
  "password",
  "pgbouncer",
  "ssl",
  "sslmode",
  "target_session_attrs",
  "user",
]);

/**
 * Parses an address.
 *
 * @throws {TypeError} for an invalid value of a parameter
 */
export function readServerAddress(address: string): ServerAddress {
  const { hosts, url } = splitHosts(address);
  const asked = url.searchParams;
  const settings = [...asked].filter(([name]) => !OF_CLIENTS.has(name) && name !== "options");
  return {
    hosts: hosts.map(readHost),
    user: textOf(asked.get("user") ?? decoded(url.username)),
    password: textOf(asked.get("password") ?? decoded(url.password)),
    database: decoded(url.pathname.slice(1)),
    tls: oneOf("sslmode", TLS_MODES, tlsOf(asked)),
    target: oneOf("target_session_attrs", TARGETS, asked.get("target_session_attrs") ?? "any"),
    settings: Object.fromEntries([...optionsOf(asked.get("options") ?? ""), ...settings]),
  };
}

/** `host`, `host:port`, `[::1]:port`, or the percent-encoded folder of a Unix socket. */
function readHost(text: string): ServerAddress["hosts"][number] {
  const [, host = "", port] = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(text) ?? ["", text];
  return {
    host: decoded(host.replaceAll(/^\[|\]$/g, "")),
    port: port === undefined ? undefined : Number(port),
  };
}

function tlsOf(asked: URLSearchParams): string {
  const ssl = asked.get("ssl") ?? "disable";
  return asked.get("sslmode") ?? { true: "verify-full", false: "disable" }[ssl] ?? ssl;
}

/** Parses a text such as `-c search_path=archive --statement_timeout=3s`. */
function optionsOf(options: string): readonly (readonly [string, string])[] {
  const found = options.matchAll(/(?:-c\s*|--)([\w.]+)=((?:\\.|[^\s\\])*)/g);
  return Array.from(found, ([, name = "", value = ""]) => [name, value.replaceAll(/\\(.)/g, "$1")]);
}

function oneOf<Value extends string>(name: string, values: readonly Value[], given: string): Value {
  const found = values.find((value) => value === given);
  if (found !== undefined) return found;
  throw new TypeError(
    `Cannot open the store: expected ${name} to be one of ${values.join(", ")}, got "${given}"`,
  );
}

function textOf(text: string): string | undefined {
  return text === "" ? undefined : text;
}
