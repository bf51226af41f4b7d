import assert from "node:assert/strict";
import { test } from "node:test";
import type { ShownEndpoint, WebhookAdmin } from "../../core/ports/webhook-admin.ts";
import { open } from "../packing.suite.ts";
import { TestPolicy } from "../policy.suite.ts";
import type { Admin } from "./admin.ts";
import { adminOf, operator } from "./operators.suite.ts";

const NAME = "projects/p/webhookEndpoints/billing";

/** Webhooks that record calls and do nothing. */
function someWebhooks(): { readonly webhooks: WebhookAdmin; readonly calls: string[] } {
  const calls: string[] = [];
  const answer = <T>(call: string): Promise<T> => Promise.resolve(void calls.push(call) as T);
  const endpoint = (call: string): Promise<ShownEndpoint> => answer(call);
  return {
    calls,
    webhooks: {
      list: () => answer("list"),
      get: (name) => answer(`get ${name}`),
      ping: (_, name) => answer(`ping ${name}`),
      setState: (_, name, state) => endpoint(`${state} ${name}`),
      rotateSecret: (_, name) => endpoint(`rotate ${name}`),
      redeliver: (_, name) => answer(`redeliver ${name}`),
    },
  };
}

/** Each action, with the call that the webhooks get. */
const ACTIONS: readonly (readonly [
  (admin: Admin, who: ReturnType<typeof operator>) => Promise<unknown>,
  string,
])[] = [
  [(admin, who) => admin.webhooks.ping(who, NAME), `ping ${NAME}`],
  [(admin, who) => admin.webhooks.enable(who, NAME), `ENABLED ${NAME}`],
  [(admin, who) => admin.webhooks.disable(who, NAME), `DISABLED ${NAME}`],
  [(admin, who) => admin.webhooks.redeliver(who, NAME), `redeliver ${NAME}`],
  [(admin, who) => admin.webhooks.rotateSecret(who, NAME), `rotate ${NAME}`],
];

test("each call about webhooks passes the chain once, with the permission of its action", async () => {
  const policy = new TestPolicy();
  await using opened = await open({ policy });
  const { webhooks, calls } = someWebhooks();
  const admin = adminOf(opened.engine, webhooks);
  await admin.webhooks.list(operator("read"));
  await admin.webhooks.get(operator("read"), NAME);
  for (const [act] of ACTIONS) await act(admin, operator());
  assert.deepEqual(calls, ["list", `get ${NAME}`, ...ACTIONS.map(([, call]) => call)]);
  assert.deepEqual(
    policy.told
      .filter(({ port }) => port === "audit")
      .map(({ permission, rpc }) => `${permission.split(".").slice(1).join(".")} ${rpc}`),
    [
      "admin.read ListWebhookStates",
      "admin.read GetWebhookState",
      "admin.webhooks PingWebhook",
      "admin.webhooks EnableWebhook",
      "admin.webhooks DisableWebhook",
      "admin.webhooks Redeliver",
      "admin.webhookSecrets RotateSecret",
    ],
  );
});

test("an operator without the action, or with a scope, does nothing", async () => {
  await using opened = await open();
  const { webhooks, calls } = someWebhooks();
  const admin = adminOf(opened.engine, webhooks);
  for (const [act, call] of ACTIONS) {
    const other = call.startsWith("rotate") ? "webhooks" : "webhookSecrets";
    await assert.rejects(act(admin, operator("read")), { reason: "ADMIN_READ_ONLY" });
    await assert.rejects(act(admin, operator([other])), { reason: "ADMIN_READ_ONLY" });
    await assert.rejects(act(admin, operator("full", "projects/p")), { reason: "ADMIN_COLLECTION_REFUSED" });
  }
  const scoped = operator("full", "projects/p");
  await assert.rejects(admin.webhooks.list(scoped), { reason: "ADMIN_COLLECTION_REFUSED" });
  await assert.rejects(admin.webhooks.get(scoped, NAME), { reason: "ADMIN_COLLECTION_REFUSED" });
  assert.deepEqual(calls, []);
});

test("operators who read the same within a second share one read, until one of them acts", async () => {
  await using opened = await open();
  const { webhooks, calls } = someWebhooks();
  const admin = adminOf(opened.engine, webhooks);
  const readBoth = async (): Promise<void> => {
    await Promise.all([admin.webhooks.list(operator()), admin.webhooks.list(operator("read"))]);
    await Promise.all([admin.webhooks.get(operator(), NAME), admin.webhooks.get(operator("read"), NAME)]);
  };
  await readBoth();
  await readBoth();
  assert.deepEqual(calls, ["list", `get ${NAME}`]);
  await admin.webhooks.disable(operator(), NAME);
  await readBoth();
  assert.deepEqual(calls.slice(3), ["list", `get ${NAME}`]);
});
