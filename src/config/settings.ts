import { LIMITS } from "../core/limits.ts";
import { ACCESS_SETTINGS } from "./access-settings.ts";
import { formatDuration } from "../core/value/duration.ts";
import { isOrigin } from "./origin.ts";
import { PROXY_SETTINGS } from "./proxy-settings.ts";
import type { SettingTable } from "./setting.ts";
import { WEBHOOK_SETTINGS } from "./webhook-settings.ts";
import { WORKER_SETTINGS } from "./worker-settings.ts";

const NOT_EMPTY = { form: /./s, description: "a text that is not empty" };

/**
 * All settings. The command line, the environment, the configuration file, `openOperations` and
 * `serve` validate with this table; `--help` and `docs/configuration.md` are generated from it. A
 * new setting needs a row here and code that reads it.
 *
 * Flag, variable and option follow from the key: `publicUrl` is `--public-url`,
 * `LONGRUNNING_PUBLIC_URL` and the option `publicUrl`, unless the row names another option or none.
 */
export const SETTINGS = {
  methods: {
    type: "string",
    placeholder: "FILE",
    pattern: NOT_EMPTY,
    noOption: "`methods: await loadMethods(file)` reads it",
    help: "Methods that are declared without code: a YAML or JSON file, described in docs/methods-file.md.",
  },
  host: {
    type: "string",
    default: "127.0.0.1",
    placeholder: "ADDRESS",
    pattern: {
      form: /^\P{Cc}+$/u,
      description:
        'a name or address of this machine, such as "127.0.0.1", or "0.0.0.0" for all its addresses',
    },
    help: "The address to listen on; 0.0.0.0 for all addresses of the machine.",
  },
  port: {
    type: "integer",
    default: 8080,
    min: 0,
    max: 65_535,
    unit: "TCP port",
    placeholder: "PORT",
    help: "The port to listen on; 0 chooses a free port.",
  },
  probePort: {
    type: "integer",
    min: 0,
    max: 65_535,
    unit: "TCP port",
    placeholder: "PORT",
    help: "A separate port for probes, on the same host and without TLS; 0 chooses a free port. A worker has no other port; other roles answer probes on both ports.",
  },
  tlsCert: {
    type: "string",
    placeholder: "FILE",
    noOption: "`tls.cert` is the PEM text itself",
    help: "The TLS certificate with its chain, as a PEM file. Needs tlsKey; both files are read again on SIGHUP.",
  },
  tlsKey: {
    type: "string",
    placeholder: "FILE",
    noOption: "`tls.key` is the PEM text itself",
    help: "The private key of the certificate, as a PEM file.",
  },
  tlsClientCa: {
    type: "string",
    placeholder: "FILE",
    noOption: "`tls.clientCa` is the PEM text itself",
    help: "The authorities of client certificates, as a PEM file. The server then requests a certificate from clients and derives the principal from it (docs/credentials.md). Read again on SIGHUP.",
  },
  store: {
    type: "address",
    default: "sqlite:data/operations.db",
    schemes: ["sqlite", "postgres", "postgresql"],
    example: "sqlite:data/operations.db",
    secret: true,
    isRequired: true,
    help: "The database of operations: sqlite:FILE, created if missing, for one process; or postgres://USER@HOST/DATABASE for several.",
  },
  role: {
    type: "enum",
    default: "all",
    values: ["all", "api", "worker"],
    help: "What this process does: answer calls (api), run handlers (worker) or both (all). Roles share a store in PostgreSQL.",
  },
  listen: {
    type: "boolean",
    default: true,
    option: "postgres.listen",
    help: "Whether processes on PostgreSQL announce changes with LISTEN and NOTIFY. With --no-listen they poll; pgbouncer in transaction mode needs this.",
  },
  connections: {
    type: "integer",
    default: LIMITS.connections,
    option: "postgres.connections",
    min: 2,
    max: 100,
    unit: "connections",
    placeholder: "NUMBER",
    help: "The most connections of this process to PostgreSQL, in addition to one that listens and one that renews leases.",
  },
  concurrency: {
    type: "integer",
    default: LIMITS.concurrency,
    min: 0,
    max: 10_000,
    unit: "handlers",
    placeholder: "NUMBER",
    help: "The most handlers that run at a time in this process, for all methods together; 0 serves calls and runs no handlers.",
  },
  lease: {
    type: "duration",
    default: formatDuration(LIMITS.leaseMs),
    min: "1s",
    max: "1h",
    help: "How long a worker may be silent before another worker takes over its operation; a worker renews its lease after about a third of this time.",
  },
  drain: {
    type: "duration",
    default: formatDuration(LIMITS.drainMs),
    min: "0s",
    max: "1h",
    help: "How long running handlers may continue after SIGTERM before their signals abort.",
  },
  drainDelay: {
    type: "duration",
    default: "0s",
    min: "0s",
    max: "10m",
    help: "How long the port stays open after SIGTERM before the drain begins. Meanwhile health checks fail and connections close after their next answer, so that load balancers switch to other processes.",
  },
  name: {
    type: "string",
    default: "longrunning",
    placeholder: "NAME",
    pattern: { form: /^[a-z][a-z0-9.-]{0,62}$/, description: "lower-case letters, digits, dots and dashes" },
    help: "The service's name in its discovery document, and the domain of its errors.",
  },
  title: {
    type: "string",
    placeholder: "TEXT",
    pattern: NOT_EMPTY,
    help: "The service's title in its discovery document. Default: its name.",
  },
  publicUrl: {
    type: "address",
    schemes: ["http", "https"],
    example: "https://archive.example.com",
    help: "The public address of the service, if it differs from the listening address; the discovery document contains it.",
  },
  allowedHosts: {
    type: "list",
    placeholder: "NAMES",
    pattern: {
      form: /^(?:\*|(?:\*\.)?[\w-]+(?:\.[\w-]+)*)$/,
      description: "names such as archive.example.com or *.example.com, or * for all",
    },
    help: "The host names of this server, separated by commas; requests for other names are refused, as a protection against DNS rebinding. IP addresses, localhost and the name in publicUrl are always allowed. Default: none on a loopback address, all otherwise.",
  },
  cors: {
    type: "list",
    placeholder: "ORIGINS",
    pattern: {
      form: { test: isOrigin },
      description: "origins such as https://app.example.com, or * for all",
    },
    help: "The origins whose pages may call this server from browsers (CORS), separated by commas; * for all. Default: none.",
  },
  jsonp: {
    type: "boolean",
    default: false,
    help: "Whether answers may be scripts that call a function (callback=NAME). Then any web page can read operations through the browser of a user who can connect, regardless of cors.",
  },
  metrics: {
    type: "boolean",
    help: "Whether GET /metrics serves metrics for Prometheus, without credentials; docs/metrics.md lists the names. Default: only on a loopback address without publicUrl.",
  },
  admin: {
    type: "enum",
    values: ["off", "read", "full"],
    help: "The access of operators at /admin/: none (off), read only (read), or reads and actions (full). It shows data that callers never see. Default: full on a loopback address without publicUrl, off otherwise.",
  },
  adminToken: {
    type: "string",
    placeholder: "TOKEN",
    pattern: {
      form: /^[\x21-\x7e]{16,16384}$/,
      description: "16 to 16384 characters of ASCII without spaces",
    },
    secret: true,
    help: "The bearer token of operators. Without one, everybody who reaches /admin/ is an operator; use this only on this machine or behind a proxy that authenticates operators.",
  },
  ...ACCESS_SETTINGS,
  statistics: {
    type: "boolean",
    default: true,
    help: "Whether the service stores statistics by method for operators: rates, durations, failures and processes, kept for 90 days.",
  },
  ...WEBHOOK_SETTINGS,
  ...PROXY_SETTINGS,
  otlp: {
    type: "boolean",
    default: false,
    noOption: "a program registers providers of OpenTelemetry itself",
    help: "Whether traces and metrics are sent to a collector by OTLP; the standard variables (OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_SERVICE_NAME, …) configure it. Needs the packages that docs/telemetry.md names.",
  },
  audit: {
    type: "string",
    placeholder: "FILE",
    pattern: NOT_EMPTY,
    help: "The audit log: a file that gets one line of JSON for each write and each refusal, before the caller is answered; - for standard output. Reopened on SIGHUP. docs/audit.md lists the fields.",
  },
  auditReads: {
    type: "boolean",
    default: false,
    help: "Whether the audit log records successful reads too. Polls are then not answered from memory.",
  },
  auditFailure: {
    type: "enum",
    default: "continue",
    values: ["continue", "refuse"],
    help: "The treatment of calls while the audit log cannot be written, for example because the disk is full. continue: calls succeed, and records wait in memory. refuse: calls fail.",
  },
  kek: {
    type: "list",
    option: "encryption.keks",
    placeholder: "SOURCES",
    pattern: {
      form: /^(?:file|env|exec):./s,
      description: "sources of keys: file:PATH, env:NAME or exec:COMMAND",
    },
    help: "The keys (KEK) that protect payloads in the store, separated by commas: each file:PATH, env:NAME or exec:COMMAND, of 32 bytes. The first key encrypts, all keys decrypt; docs/encryption.md explains how to change them. Default: payloads are not encrypted.",
  },
  encrypt: {
    type: "boolean",
    default: true,
    option: "encryption.encrypt",
    help: "Whether new payloads are encrypted if there are keys (kek). With --no-encrypt, encrypted payloads stay readable and new payloads are not encrypted.",
  },
  attemptSpans: {
    type: "enum",
    default: "link",
    values: ["link", "parent"],
    help: "The relation between the span of an attempt and the span of its start: link gives the attempt its own trace, linked to the start; parent makes it a child span of the start, which suits short work.",
  },
  logFormat: {
    type: "enum",
    default: "text",
    values: ["text", "json", "gcp"],
    noOption: "`log` takes the messages",
    help: "The format of the log on standard error: text for people, json for programs (one object per line), gcp for Google Cloud Logging.",
  },
  logProject: {
    type: "string",
    placeholder: "ID",
    pattern: { form: /^[a-z0-9:.-]{1,100}$/, description: "a project's id, such as archive-123456" },
    noOption: "`log` takes the messages",
    help: "The Google Cloud project of the traces in a log of the format gcp. Default: the value of GOOGLE_CLOUD_PROJECT.",
  },
  accessLog: {
    type: "boolean",
    default: false,
    help: "Whether the log has a line for each HTTP request and each gRPC call, with status, duration and principal; probes are left out.",
  },
  logLevel: {
    type: "enum",
    default: "info",
    values: ["debug", "info", "warn", "error"],
    noOption: "`log` takes the messages",
    help: "The least important messages that are logged.",
  },
  server: {
    type: "address",
    default: "http://127.0.0.1:8080",
    schemes: ["http", "https", "grpc", "grpcs"],
    example: "http://127.0.0.1:8080",
    secret: true,
    noOption: "the first argument of `createClient`",
    help: "The server for get, list, wait, work and the other client commands, over REST, or over gRPC with grpc:// (grpcs:// with TLS).",
  },
  ...WORKER_SETTINGS,
  config: {
    type: "string",
    placeholder: "FILE",
    noOption: "a program reads its own files",
    help: 'A JSON file with settings by key, such as {"port": 9000, "lease": "1m"}.',
  },
} as const satisfies SettingTable;

/** A key of {@link SETTINGS}. */
export type SettingKey = keyof typeof SETTINGS;
