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
 * Every setting there is. The command line, the environment, the configuration file, `openOperations` and `serve` all
 * check by this table; `--help` and `docs/configuration.md` are made from it. A new setting is a row here and its reader.
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
    help: "Methods that are declared without code, as a YAML or JSON file; docs/methods-file.md says how they are written.",
  },
  host: {
    type: "string",
    default: "127.0.0.1",
    placeholder: "ADDRESS",
    pattern: {
      form: /^\P{Cc}+$/u,
      description: 'a name or address of this machine, such as "127.0.0.1", or "0.0.0.0" for all it has',
    },
    help: "The address to listen on; 0.0.0.0 for every network the machine is in.",
  },
  port: {
    type: "integer",
    default: 8080,
    min: 0,
    max: 65_535,
    unit: "TCP port",
    placeholder: "PORT",
    help: "The port to listen on; 0 takes any that is free.",
  },
  probePort: {
    type: "integer",
    min: 0,
    max: 65_535,
    unit: "TCP port",
    placeholder: "PORT",
    help: "A port that has probes and nothing else, on the same host and without TLS; 0 takes any that is free. A worker has no other; elsewhere they are answered on both.",
  },
  tlsCert: {
    type: "string",
    placeholder: "FILE",
    noOption: "`tls.cert` is the PEM text itself",
    help: "The certificate for TLS, with its chain, as a PEM file. With tlsKey; both are read again on SIGHUP.",
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
    help: "The authorities of client certificates, as a PEM file. Clients are asked for a certificate then, and one that has it is a caller: docs/credentials.md says which. Read again on SIGHUP.",
  },
  store: {
    type: "address",
    default: "sqlite:data/operations.db",
    schemes: ["sqlite", "postgres", "postgresql"],
    example: "sqlite:data/operations.db",
    secret: true,
    isRequired: true,
    help: "Where operations are kept: sqlite:FILE, made when missing, for one process; or postgres://USER@HOST/DATABASE for many.",
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
    help: "Whether processes on PostgreSQL tell each other of changes by LISTEN and NOTIFY. Without (--no-listen) they look for themselves, as behind pgbouncer in transaction mode.",
  },
  connections: {
    type: "integer",
    default: LIMITS.connections,
    option: "postgres.connections",
    min: 2,
    max: 100,
    unit: "connections",
    placeholder: "NUMBER",
    help: "Connections of this process to PostgreSQL at the most, beside one that listens and one that keeps leases.",
  },
  concurrency: {
    type: "integer",
    default: LIMITS.concurrency,
    min: 0,
    max: 10_000,
    unit: "handlers",
    placeholder: "NUMBER",
    help: "How many handlers run at once in this process, over all methods; 0 serves calls and runs nothing.",
  },
  lease: {
    type: "duration",
    default: formatDuration(LIMITS.leaseMs),
    min: "1s",
    max: "1h",
    help: "How long a worker may be silent before another takes its operation; it renews after about a third of it.",
  },
  drain: {
    type: "duration",
    default: formatDuration(LIMITS.drainMs),
    min: "0s",
    max: "1h",
    help: "How long running handlers may go on after SIGTERM before they are told to stop.",
  },
  drainDelay: {
    type: "duration",
    default: "0s",
    min: "0s",
    max: "10m",
    help: "How long the port stays open after SIGTERM, before the drain begins: health checks fail and connections end with their next answer, so that load balancers go elsewhere first.",
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
    help: "The service's title in its discovery document. Unless set: its name.",
  },
  publicUrl: {
    type: "address",
    schemes: ["http", "https"],
    example: "https://archive.example.com",
    help: "The address callers use, where it is not the one listened on; the discovery document carries it.",
  },
  allowedHosts: {
    type: "list",
    placeholder: "NAMES",
    pattern: {
      form: /^(?:\*|(?:\*\.)?[\w-]+(?:\.[\w-]+)*)$/,
      description: "names such as archive.example.com or *.example.com, or * for all",
    },
    help: "The names that callers reach this server by, separated by commas; others are refused, against DNS rebinding. IP addresses, localhost and the name in publicUrl always work. Unless set: none on a loopback address, all elsewhere.",
  },
  cors: {
    type: "list",
    placeholder: "ORIGINS",
    pattern: {
      form: { test: isOrigin },
      description: "origins such as https://app.example.com, or * for all",
    },
    help: "The origins whose pages may call this server from browsers (CORS), separated by commas; * for all. None unless set.",
  },
  jsonp: {
    type: "boolean",
    default: false,
    help: "Whether answers may be scripts that call a function (callback=NAME). Any page that a user who can connect opens may then read operations, whatever cors says.",
  },
  metrics: {
    type: "boolean",
    help: "Whether GET /metrics tells Prometheus what happens, without asking for credentials; docs/metrics.md has the names. Unless set: only on a loopback address without publicUrl.",
  },
  admin: {
    type: "enum",
    values: ["off", "read", "full"],
    help: "What operators may do at /admin/: nothing (off), look (read), or look and act (full). It shows what callers never see. Unless set: full on a loopback address without publicUrl, off elsewhere.",
  },
  adminToken: {
    type: "string",
    placeholder: "TOKEN",
    pattern: {
      form: /^[\x21-\x7e]{16,16384}$/,
      description: "16 to 16384 characters of ASCII without spaces",
    },
    secret: true,
    help: "A secret that operators send as a bearer token. Without one, whoever reaches /admin/ is an operator: for this machine, or behind a proxy that knows who they are.",
  },
  ...ACCESS_SETTINGS,
  statistics: {
    type: "boolean",
    default: true,
    help: "Whether it is counted what happens, by method, for those who operate the service: rates, durations, failures and processes, kept for 90 days.",
  },
  ...WEBHOOK_SETTINGS,
  ...PROXY_SETTINGS,
  otlp: {
    type: "boolean",
    default: false,
    noOption: "a program registers providers of OpenTelemetry itself",
    help: "Whether traces and metrics are sent to a collector by OTLP; the standard variables (OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_SERVICE_NAME, …) say where and how. Needs packages; docs/telemetry.md names them.",
  },
  audit: {
    type: "string",
    placeholder: "FILE",
    pattern: NOT_EMPTY,
    help: "A file to which a record of each write and each refusal is appended, one line of JSON each, before the caller is answered; - for standard output. Opened again on SIGHUP. docs/audit.md has the fields.",
  },
  auditReads: {
    type: "boolean",
    default: false,
    help: "Whether reads that succeed are recorded too. Polls are then not answered from memory.",
  },
  auditFailure: {
    type: "enum",
    default: "continue",
    values: ["continue", "refuse"],
    help: "What becomes of calls while their records cannot be written, as on a full disk: they go on, and the records wait in memory; or they are refused.",
  },
  kek: {
    type: "list",
    option: "encryption.keks",
    placeholder: "SOURCES",
    pattern: {
      form: /^(?:file|env|exec):./s,
      description: "sources of keys: file:PATH, env:NAME or exec:COMMAND",
    },
    help: "The keys that payloads are encrypted by in the store, separated by commas: each file:PATH, env:NAME or exec:COMMAND, of 32 bytes (KEK). The first encrypts, all decrypt; docs/encryption.md says how they are changed. Unless set: payloads are not encrypted.",
  },
  encrypt: {
    type: "boolean",
    default: true,
    option: "encryption.encrypt",
    help: "Whether new payloads are encrypted where there are keys (kek). Without (--no-encrypt) those that are encrypted can be read, and no more become so.",
  },
  attemptSpans: {
    type: "enum",
    default: "link",
    values: ["link", "parent"],
    help: "How the span of an attempt belongs to that of its start: linked to it, in a trace of its own (link), or below it (parent), for work that is short.",
  },
  logFormat: {
    type: "enum",
    default: "text",
    values: ["text", "json", "gcp"],
    noOption: "`log` takes the messages",
    help: "How the log is written to standard error: text for people, json for machines (one object a line), gcp the same as Google Cloud reads it.",
  },
  logProject: {
    type: "string",
    placeholder: "ID",
    pattern: { form: /^[a-z0-9:.-]{1,100}$/, description: "a project's id, such as archive-123456" },
    noOption: "`log` takes the messages",
    help: "The Google Cloud project of the traces in a log of the format gcp. Unless set: what GOOGLE_CLOUD_PROJECT says.",
  },
  accessLog: {
    type: "boolean",
    default: false,
    help: "Whether each request over HTTP and each call over gRPC is a line of the log, with status, duration and who called; not probes.",
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
    help: "The server that get, list, wait and the other calls go to, and that work works for, over REST, or over gRPC with grpc:// (grpcs:// with TLS).",
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
