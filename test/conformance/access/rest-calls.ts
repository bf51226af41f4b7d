import assert from "node:assert/strict";
import type { JsonObject } from "@bufbuild/protobuf";
import { type Permission, PERMISSIONS } from "../../../src/core/permission.ts";
import { bindingsOf } from "../../../src/protos/http-rule/binding.ts";
import { ADMIN_RPCS } from "../../../src/server/admin/calls.ts";
import type { Route } from "../../../src/server/rest/router.ts";
import { WebhookEndpoints } from "../../../src/wire/gen/longrunning/v1/webhooks_pb.ts";
import type { Everyone, Somebody } from "./everyone.ts";

/** The outcome of a call. */
export interface Verdict {
  /** Undefined if it was not refused because of its caller. */
  readonly reason: string | undefined;
  readonly permission?: string | undefined;
}

/** A call, and the permission that it needs. */
export interface Row {
  readonly call: string;
  readonly permission: Permission;
  readonly send: (everyone: Everyone, who: Somebody, name: string) => Promise<Verdict>;
  /** The same call in ways that are certainly mistakes. */
  readonly broken: Row["send"][];
}

/** Reasons for refusing a caller. */
export const REASONS = new Set([
  "CREDENTIALS_MISSING",
  "API_KEY_INVALID",
  "ACCESS_TOKEN_EXPIRED",
  "IAM_PERMISSION_DENIED",
]);

export async function rest(
  { server }: Everyone,
  who: Somebody,
  [method, path, body]: readonly [method: string, path: string, body?: unknown],
): Promise<{ readonly text: string; readonly status: number }> {
  const type = typeof body === "string" ? "multipart/mixed; boundary=b" : "application/json";
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const { type: sentType, text: sent } = body instanceof BrokenBody ? body : { type, text };
  const headers = { ...(body === undefined ? {} : { "content-type": sentType }), ...who.headers };
  const aborted = new AbortController();
  const response = await fetch(server.url + path, {
    method,
    headers,
    ...(body === undefined ? {} : { body: sent }),
    signal: aborted.signal,
  });
  // A watch does not end.
  if (path.endsWith(":watch") && response.status === 200) {
    aborted.abort();
    return { status: 200, text: "{}" };
  }
  const answer = await response.text();
  assert.ok(response.status < 500, `${method} ${path}: ${answer}`);
  return { status: response.status, text: answer };
}

export function verdictIn(text: string): Verdict {
  const info = /"reason": ?"([A-Z_]+)"/.exec(text)?.[1];
  if (info === undefined || !REASONS.has(info)) return { reason: undefined };
  return { reason: info, permission: /"permission": ?"([\w.]+)"/.exec(text)?.[1] };
}

type Asked = (name: string) => readonly [method: string, path: string, body?: unknown];

function overRest(asked: Asked): Pick<Row, "send" | "broken"> {
  const sent =
    (change: (path: string) => string, body?: BrokenBody): Row["send"] =>
    async (everyone, who, name) => {
      const [method, path, meant] = asked(name);
      const sentBody = meant === undefined ? undefined : (body ?? meant);
      return verdictIn((await rest(everyone, who, [method, change(path), sentBody])).text);
    };
  return {
    send: sent((path) => path),
    broken: [
      sent((path) => `${path}?nonsense=1`),
      sent((path) => `${path}?alt=nonsense`),
      sent((path) => `${path}?fields=((`),
      sent((path) => path, new BrokenBody("application/json", '{"broken')),
      sent((path) => path, new BrokenBody("text/plain", "x")),
      sent((path) => path, new BrokenBody("multipart/mixed", "x")),
    ],
  };
}

/** A body that does not match its type. */
class BrokenBody {
  readonly type: string;
  readonly text: string;

  constructor(type: string, text: string) {
    this.type = type;
    this.text = text;
  }
}

export const START = { text: "x" };

/** Of a worker's call. */
export const CLAIM = { methods: ["work"], worker: "w" };
const ATTEMPT = { attempt: 1, token: "t" };

/** A worker's report about one of many attempts. */
export const attemptOf = (name: string) => ({ attempt: { name, ...ATTEMPT } });

/** Every kind of route. Routes that only contain other calls have their parts in the matrix. */
export const REST: Readonly<
  Record<Exclude<Route["call"], "options" | "rpc" | "testPermissions">, Omit<Row, "call">>
> = {
  get: { permission: PERMISSIONS.get, ...overRest((name) => ["GET", `/v1/${name}`]) },
  delete: { permission: PERMISSIONS.delete, ...overRest((name) => ["DELETE", `/v1/${name}`]) },
  cancel: { permission: PERMISSIONS.cancel, ...overRest((name) => ["POST", `/v1/${name}:cancel`, {}]) },
  wait: {
    permission: PERMISSIONS.wait,
    ...overRest((name) => ["POST", `/v1/${name}:wait`, { timeout: "0s" }]),
  },
  watch: { permission: PERMISSIONS.watch, ...overRest((name) => ["GET", `/v1/${name}:watch`]) },
  watchMany: {
    permission: PERMISSIONS.watch,
    ...overRest(() => ["GET", "/v1/projects/a/operations:watch"]),
  },
  list: { permission: PERMISSIONS.list, ...overRest(() => ["GET", "/v1/projects/a/operations"]) },
  start: { permission: PERMISSIONS.start, ...overRest(() => ["POST", "/v1/projects/a:work", START]) },
  startMany: {
    permission: PERMISSIONS.start,
    ...overRest(() => [
      "POST",
      "/v1:startOperations",
      { requests: [{ method: "work", parent: "projects/a", request: START }] },
    ]),
  },
  claim: {
    permission: PERMISSIONS.claim,
    ...overRest(() => ["POST", "/v1/projects/a/operations:claim", CLAIM]),
  },
  renew: { permission: PERMISSIONS.claim, ...overRest((name) => ["POST", `/v1/${name}:renew`, ATTEMPT]) },
  complete: {
    permission: PERMISSIONS.claim,
    ...overRest((name) => ["POST", "/v1/operations:complete", { completions: [attemptOf(name)] }]),
  },
  fail: {
    permission: PERMISSIONS.claim,
    ...overRest((name) => ["POST", `/v1/${name}:fail`, { ...ATTEMPT, error: { code: 13 } }]),
  },
  release: {
    permission: PERMISSIONS.claim,
    ...overRest((name) => ["POST", `/v1/${name}:release`, ATTEMPT]),
  },
  batch: {
    permission: PERMISSIONS.get,
    ...overRest((name) => [
      "POST",
      "/batch",
      `--b\r\ncontent-type: application/http\r\n\r\nGET /v1/${name} HTTP/1.1\r\n\r\n\r\n--b--\r\n`,
    ]),
  },
  discover: { permission: PERMISSIONS.discover, ...overRest(() => ["GET", "/$discovery/rest"]) },
  directory: { permission: PERMISSIONS.discover, ...overRest(() => ["GET", "/discovery/v1/apis"]) },
  openapi: { permission: PERMISSIONS.discover, ...overRest(() => ["GET", "/openapi.json"]) },
};

/** The permissions that calls of the operators' proto need; the others only read. */
const ADMIN_PERMISSIONS: Readonly<Record<string, Permission>> = {
  StartOperation: PERMISSIONS.adminStart,
  CancelOperation: PERMISSIONS.adminCancel,
  DeleteOperation: PERMISSIONS.adminDelete,
  PauseMethod: PERMISSIONS.adminPause,
  ResumeMethod: PERMISSIONS.adminPause,
  StartBulk: PERMISSIONS.adminBulk,
  CreateApiKey: PERMISSIONS.adminKeys,
  ListApiKeys: PERMISSIONS.adminKeys,
  RevokeApiKey: PERMISSIONS.adminKeys,
  PingWebhook: PERMISSIONS.adminWebhooks,
  EnableWebhook: PERMISSIONS.adminWebhooks,
  DisableWebhook: PERMISSIONS.adminWebhooks,
  Redeliver: PERMISSIONS.adminWebhooks,
  RotateSecret: PERMISSIONS.adminWebhookSecrets,
};

export const ADMIN_BODIES: Readonly<Record<string, JsonObject>> = {
  StartOperation: { method: "work", parent: "projects/a", requestJson: '{"text":"x"}' },
  StartBulk: { action: "cancel", notAfter: "2020-01-01T00:00:00Z", validateOnly: true },
};

export const adminPermission = (rpc: string): Permission => ADMIN_PERMISSIONS[rpc] ?? PERMISSIONS.adminRead;

/** Every address of the operators' service. */
export const ADMIN: readonly Row[] = ADMIN_RPCS.flatMap((rpc) =>
  bindingsOf(rpc).map(({ httpMethod, template }) => ({
    call: `${httpMethod} ${template.text}`,
    permission: adminPermission(rpc.name),
    ...overRest((name) => {
      const path = template.text
        .replace("{name=**}", name)
        .replace("{method}", "work")
        .replace(/\{name=\*\*(.*)\}/, (_, end: string) => `projects/a${end.replaceAll("*", "e")}`);
      return httpMethod === "POST" ? ["POST", path, ADMIN_BODIES[rpc.name] ?? {}] : [httpMethod, path];
    }),
  })),
);

/** The permissions of the calls of webhook endpoints. */
const WEBHOOK_PERMISSIONS: Readonly<Record<string, Permission>> = {
  CreateWebhookEndpoint: PERMISSIONS.createEndpoint,
  GetWebhookEndpoint: PERMISSIONS.getEndpoint,
  ListWebhookEndpoints: PERMISSIONS.listEndpoints,
  UpdateWebhookEndpoint: PERMISSIONS.updateEndpoint,
  DeleteWebhookEndpoint: PERMISSIONS.deleteEndpoint,
  RotateWebhookSecret: PERMISSIONS.rotateSecret,
  PingWebhookEndpoint: PERMISSIONS.deliver,
  RecoverWebhookEndpoint: PERMISSIONS.deliver,
  ListWebhookDeliveries: PERMISSIONS.readDeliveries,
  GetWebhookDelivery: PERMISSIONS.readDeliveries,
  RedeliverWebhookDelivery: PERMISSIONS.deliver,
};

const WEBHOOK_BODIES: Readonly<Record<string, JsonObject>> = {
  RecoverWebhookEndpoint: { since: "2026-01-01T00:00:00Z" },
};

/** Every address of webhook endpoints, about an endpoint that does not exist. */
export const WEBHOOKS: readonly Row[] = Object.values(WebhookEndpoints.method).flatMap((rpc) =>
  bindingsOf(rpc).map(({ httpMethod, template }): Row => {
    const permission = WEBHOOK_PERMISSIONS[rpc.name];
    assert.ok(permission !== undefined, `${rpc.name} needs a permission`);
    const path = template.text
      .replace(/\{[^=]*=(.*)\}/, "$1")
      .replace("**", "projects/a")
      .replaceAll("*", "e");
    const hasBody = httpMethod === "POST" || httpMethod === "PATCH";
    return {
      call: `${httpMethod} ${template.text}`,
      permission,
      ...overRest(() => (hasBody ? [httpMethod, path, WEBHOOK_BODIES[rpc.name] ?? {}] : [httpMethod, path])),
    };
  }),
);
