import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { suite, test } from "node:test";
import { bindingsOf } from "../../src/protos/http-rule/binding.ts";
import type { AccessAnswer } from "../../src/server/admin/access.ts";
import { ADMIN_RPCS } from "../../src/server/admin/calls.ts";
import {
  type Asked,
  askAt,
  type OperatorsServer,
  openOperatorsServer,
} from "../../src/server/admin/operators-server.suite.ts";

/** The action of each call of the proto; all others only read. */
const ACTIONS: Readonly<Record<string, string>> = {
  StartOperation: "start",
  CancelOperation: "cancel",
  DeleteOperation: "delete",
  PauseMethod: "pause",
  ResumeMethod: "pause",
  StartBulk: "bulk",
  CreateApiKey: "keys",
  ListApiKeys: "keys",
  RevokeApiKey: "keys",
  PingWebhook: "webhooks",
  EnableWebhook: "webhooks",
  DisableWebhook: "webhooks",
  Redeliver: "webhooks",
  RotateSecret: "webhookSecrets",
};

/**
 * The answer to an allowed call about something that does not exist: the server has no webhooks,
 * and no such key.
 */
const MISSING: Readonly<Record<string, string>> = {
  RevokeApiKey: "API_KEY_NOT_FOUND",
  GetWebhookState: "WEBHOOK_ENDPOINT_NOT_FOUND",
  PingWebhook: "WEBHOOK_ENDPOINT_NOT_FOUND",
  EnableWebhook: "WEBHOOK_ENDPOINT_NOT_FOUND",
  DisableWebhook: "WEBHOOK_ENDPOINT_NOT_FOUND",
  Redeliver: "WEBHOOK_ENDPOINT_NOT_FOUND",
  RotateSecret: "WEBHOOK_ENDPOINT_NOT_FOUND",
};

/** The outcome of an allowed call. */
function answered(call: string): readonly [number, string | undefined] {
  const missing = MISSING[call];
  return missing === undefined ? [200, undefined] : [404, missing];
}

const BODIES: Readonly<Record<string, object>> = {
  CreateApiKey: { principal: "user:ada" },
  StartOperation: { method: "work", requestJson: '{"text":"a"}', validateOnly: true },
  StartBulk: { action: "cancel", notAfter: "2026-01-01T00:00:00Z", validateOnly: true },
};

/** The id of an API key that does not exist. */
const NO_KEY = "0000000000000000";

/** Every route of the proto. */
const ROUTES = ADMIN_RPCS.flatMap((rpc) =>
  bindingsOf(rpc).map(({ httpMethod, template }) => ({ call: rpc.name, httpMethod, path: template.text })),
);

const deletes = ({ httpMethod }: (typeof ROUTES)[number]): boolean => httpMethod === "DELETE";

/** Calls a route, about an operation. */
function ask(url: string, route: (typeof ROUTES)[number], name: string): Promise<Asked> {
  const path = route.path
    .replace("{name=**}", name)
    .replace(/\{name=\*\*(.*)\}/, (_, end: string) => `projects/p${end.replaceAll("*", "e")}`)
    .replace("{method}", "work")
    .replace("{id}", NO_KEY)
    .replace("/admin/", "");
  const body = route.httpMethod === "POST" ? { body: BODIES[route.call] ?? {} } : {};
  return askAt(url + path, route.httpMethod, body);
}

/**
 * The answers to an operator of some collections, about an operation of another one, and about the
 * totals.
 */
const SCOPED: Readonly<Record<string, readonly [number, string]>> = {
  GetOperationRecord: [404, "OPERATION_NOT_FOUND"],
  CancelOperation: [404, "OPERATION_NOT_FOUND"],
  DeleteOperation: [404, "OPERATION_NOT_FOUND"],
  StartOperation: [403, "ADMIN_COLLECTION_REFUSED"],
  GetSummary: [403, "ADMIN_COLLECTION_REFUSED"],
  ListFailures: [403, "ADMIN_COLLECTION_REFUSED"],
  ListWorkers: [403, "ADMIN_COLLECTION_REFUSED"],
  CreateApiKey: [403, "ADMIN_COLLECTION_REFUSED"],
  ListApiKeys: [403, "ADMIN_COLLECTION_REFUSED"],
  RevokeApiKey: [403, "ADMIN_COLLECTION_REFUSED"],
  PauseMethod: [403, "ADMIN_COLLECTION_REFUSED"],
  ResumeMethod: [403, "ADMIN_COLLECTION_REFUSED"],
  ListWebhookStates: [403, "ADMIN_COLLECTION_REFUSED"],
  GetWebhookState: [403, "ADMIN_COLLECTION_REFUSED"],
  PingWebhook: [403, "ADMIN_COLLECTION_REFUSED"],
  EnableWebhook: [403, "ADMIN_COLLECTION_REFUSED"],
  DisableWebhook: [403, "ADMIN_COLLECTION_REFUSED"],
  Redeliver: [403, "ADMIN_COLLECTION_REFUSED"],
  RotateSecret: [403, "ADMIN_COLLECTION_REFUSED"],
};

const acme = (): AccessAnswer => ({ may: "full", collection: "projects/acme/-" });

/** Mounts the operators' interface of a program for the duration of a test. */
async function mounted(
  server: OperatorsServer,
  access: () => AccessAnswer,
  look: (url: string) => Promise<void>,
): Promise<void> {
  const http = createServer(server.operations.adminListener({ access })).listen(0, "127.0.0.1");
  await once(http, "listening");
  try {
    await look(`http://127.0.0.1:${(http.address() as AddressInfo).port}/admin/`);
  } finally {
    http.closeAllConnections();
    http.close();
  }
}

suite("every route of the operators' service", () => {
  test("is allowed for an operator with full access", async () => {
    await using server = await openOperatorsServer();
    const name = await server.done("a");
    for (const route of ROUTES.toSorted((a, b) => Number(deletes(a)) - Number(deletes(b)))) {
      const { status, reason, text } = await ask(`${server.url}/admin/`, route, name);
      assert.deepEqual([status, reason], answered(route.call), `${route.call}: ${text}`);
    }
  });

  test("that changes something is refused to an operator who may only read", async () => {
    await using server = await openOperatorsServer({ admin: "read" });
    const name = await server.done("a");
    for (const route of ROUTES) {
      const { status, reason } = await ask(`${server.url}/admin/`, route, name);
      const expected = ACTIONS[route.call] === undefined ? answered(route.call) : [403, "ADMIN_READ_ONLY"];
      assert.deepEqual([status, reason], expected, route.call);
    }
    assert.equal((await server.operations.get(name)).state, "SUCCEEDED");
  });

  test("is refused to an operator who may take only other actions", async () => {
    await using server = await openOperatorsServer({ admin: "off" });
    for (const action of new Set(Object.values(ACTIONS))) {
      // A bulk also needs the permission for what it does.
      const granted = action === "bulk" ? ["bulk", "cancel"] : [action];
      await mounted(
        server,
        () => granted as AccessAnswer,
        async (url) => {
          const name = await server.done("a");
          for (const route of ROUTES.toSorted((a, b) => Number(deletes(a)) - Number(deletes(b)))) {
            const { status, reason } = await ask(url, route, name);
            const needs = ACTIONS[route.call];
            const may = needs === undefined || granted.includes(needs);
            const expected = may ? answered(route.call) : [403, "ADMIN_READ_ONLY"];
            assert.deepEqual([status, reason], expected, `${action}: ${route.call}`);
          }
        },
      );
    }
  });

  test("does not exist if operators are not served, and is refused to other callers", async () => {
    await using server = await openOperatorsServer({ admin: "off" });
    const name = await server.done("a");
    assert.deepEqual(server.admin, { off: "--admin off" });
    for (const route of ROUTES) {
      const { status, reason } = await ask(`${server.url}/admin/`, route, name);
      assert.deepEqual([status, reason], [404, "PATH_NOT_FOUND"], route.call);
    }
    await mounted(
      server,
      () => undefined,
      async (url) => {
        for (const route of ROUTES) {
          const { status, reason } = await ask(url, route, name);
          assert.deepEqual([status, reason], [403, "ADMIN_REFUSED"], route.call);
        }
      },
    );
    assert.equal((await server.operations.get(name)).state, "SUCCEEDED");
  });

  test("shows an operator of some collections no other collections", async () => {
    await using server = await openOperatorsServer({ admin: "off" });
    const theirs = await server.done("fail", "projects/other/x");
    const own = await server.done("a", "projects/acme/x");
    await mounted(server, acme, async (url) => {
      for (const route of ROUTES) {
        const { status, reason, text } = await ask(url, route, theirs);
        assert.doesNotMatch(text.replaceAll(theirs, ""), /projects\/other|secret reason/, route.call);
        const expected = SCOPED[route.call] ?? [200, undefined];
        assert.deepEqual([status, reason], expected, route.call);
      }
      const list = await askAt(`${url}v1/operations?collection=projects/other/x`, "GET");
      assert.deepEqual(list.json["operations"], undefined);
      assert.match((await askAt(`${url}v1/operations`, "GET")).text, new RegExp(own));
    });
    assert.equal((await server.operations.get(theirs)).state, "FAILED");
  });

  test("is answered neither to a page of another site, nor under another name, nor to a proxy", async () => {
    await using server = await openOperatorsServer();
    const name = await server.done("a");
    for (const route of ROUTES) {
      const path = route.path.replace("{name=**}", name).replace("{method}", "work");
      const body = route.httpMethod === "POST" ? { body: BODIES[route.call] ?? {} } : {};
      const reason = async (headers: Record<string, string>): Promise<unknown> => {
        const answer = await askAt(server.url + path, route.httpMethod, { ...body, headers });
        return [answer.status, answer.reason];
      };
      const refused = [403, "CROSS_SITE_REFUSED"];
      assert.deepEqual(await reason({ "sec-fetch-site": "cross-site" }), refused, route.call);
      assert.deepEqual(await reason({ "sec-fetch-site": "same-site" }), refused, route.call);
      assert.deepEqual(await reason({ origin: "http://evil.example" }), refused, route.call);
      assert.deepEqual(await reason({ "x-forwarded-for": "1.2.3.4" }), [403, "ADMIN_REFUSED"], route.call);
    }
    assert.equal((await server.operations.get(name)).state, "SUCCEEDED");
  });

  test("requires the token of the setting", async () => {
    const adminToken = "0123456789abcdef";
    await using server = await openOperatorsServer({ adminToken });
    for (const route of ROUTES) {
      const { status, reason, headers } = await ask(`${server.url}/admin/`, route, "operations/x");
      assert.deepEqual([status, reason], [401, "ADMIN_TOKEN_INVALID"], route.call);
      assert.equal(headers.get("www-authenticate"), 'Bearer realm="longrunning", error="invalid_token"');
    }
    const headers = { authorization: `Bearer ${adminToken}` };
    assert.equal((await server.ask("GET", "v1/session", { headers })).status, 200);
  });
});
