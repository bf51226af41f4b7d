import assert from "node:assert/strict";
import { test } from "node:test";
import { openAccessServer, RULES } from "./tenants.ts";

test("rules say who is an operator, and the page says what an operator may do", async () => {
  const reader = '  - { members: [user:rita], permissions: [longrunning.admin.read], parent: "*" }\n';
  await using server = await openAccessServer(`${RULES}${reader}`);
  const accessOf = async (who: string): Promise<unknown> =>
    ((await server.send(who, "GET", "/admin/v1/session")).body as { access?: unknown }).access;
  assert.deepEqual(await accessOf("root"), ["full"]);
  assert.deepEqual(await accessOf("olga"), [
    "read",
    "start",
    "cancel",
    "delete",
    "pause",
    "bulk",
    "webhooks",
  ]);
  assert.deepEqual(await accessOf("rita"), ["read"]);
  assert.equal((await server.send("ada", "GET", "/admin/v1/session")).status, 403);
  const nobody = await server.send("", "GET", "/admin/v1/session");
  assert.deepEqual([nobody.status, nobody.headers.get("www-authenticate")?.split(" ")[0]], [401, "Bearer"]);
  const pause = (who: string) => server.send(who, "POST", "/admin/v1/methods/work:pause", {});
  assert.equal((await pause("rita")).status, 403);
  assert.equal((await pause("olga")).status, 200);
});

test("the settings still limit what operators may do", async () => {
  await using server = await openAccessServer(RULES, { admin: "read" });
  assert.equal((await server.send("olga", "GET", "/admin/v1/session")).status, 200);
  assert.equal((await server.send("olga", "POST", "/admin/v1/methods/work:pause", {})).status, 403);
  await assert.rejects(
    openAccessServer(RULES, { adminToken: "0123456789abcdef" }),
    /adminToken cannot be used together with access rules/,
  );
});

test("the descriptions of the service are public if a grant says so", async () => {
  const open = '  - { members: [all], permissions: [longrunning.discovery.get], parent: "*" }\n';
  for (const [rules, status] of [
    [RULES, 401],
    [`${RULES}${open}`, 200],
  ] as const) {
    await using server = await openAccessServer(rules);
    assert.equal((await server.send("", "GET", "/openapi.json")).status, status);
    assert.equal((await server.send("bob", "GET", "/$discovery/rest")).status, 200);
  }
});
