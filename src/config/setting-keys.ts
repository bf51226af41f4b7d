import type { SettingKey } from "./settings.ts";

/** The settings of `longrunning serve`. */
export const SERVE_KEYS = [
  "methods",
  "host",
  "port",
  "probePort",
  "tlsCert",
  "tlsKey",
  "tlsClientCa",
  "store",
  "role",
  "listen",
  "connections",
  "concurrency",
  "lease",
  "drain",
  "drainDelay",
  "name",
  "title",
  "publicUrl",
  "allowedHosts",
  "cors",
  "jsonp",
  "metrics",
  "admin",
  "adminToken",
  "access",
  "accessControl",
  "queryCredentials",
  "statistics",
  "webhooks",
  "webhookEndpoints",
  "webhookAllow",
  "webhookProxy",
  "otlp",
  "attemptSpans",
  "audit",
  "auditReads",
  "auditFailure",
  "kek",
  "encrypt",
  "logFormat",
  "logProject",
  "accessLog",
  "logLevel",
  "config",
] as const satisfies readonly SettingKey[];

/** The settings of `longrunning proxy`. */
export const PROXY_KEYS = [
  "upstream",
  "async",
  "wait",
  "upstreamTimeout",
  "forwardCredentials",
  "asyncTimeout",
  ...SERVE_KEYS,
] as const satisfies readonly SettingKey[];

/** Settings that are options of `openOperations`. */
export const OPEN_KEYS = [
  "store",
  "listen",
  "connections",
  "concurrency",
  "lease",
  "drain",
  "name",
  "title",
  "publicUrl",
  "cors",
  "jsonp",
  "accessLog",
  "metrics",
  "access",
  "queryCredentials",
  "statistics",
  "webhooks",
  "webhookAllow",
  "webhookProxy",
  "attemptSpans",
  "audit",
  "auditReads",
  "auditFailure",
  "kek",
  "encrypt",
] as const satisfies readonly SettingKey[];

/** Settings that are options of `serve` in addition to those of `openOperations`. */
export const LISTEN_KEYS = [
  "host",
  "port",
  "probePort",
  "role",
  "drainDelay",
  "allowedHosts",
  "admin",
  "adminToken",
  "accessControl",
] as const satisfies readonly SettingKey[];

/** The settings of commands that call a server. */
export const CALLER_KEYS = [
  "server",
  "token",
  "apiKey",
  "header",
  "ca",
  "config",
] as const satisfies readonly SettingKey[];

/** The settings of `longrunning work`. */
export const WORK_KEYS = [
  "server",
  "parent",
  "token",
  "apiKey",
  "header",
  "ca",
  "host",
  "probePort",
  "concurrency",
  "lease",
  "drain",
  "name",
  "otlp",
  "attemptSpans",
  "logFormat",
  "logProject",
  "logLevel",
  "config",
] as const satisfies readonly SettingKey[];

/** Settings that are options of `openWorker`. */
export const WORKER_KEYS = [
  "parent",
  "concurrency",
  "lease",
  "drain",
  "name",
  "attemptSpans",
] as const satisfies readonly SettingKey[];
