import assert from "node:assert/strict";
import { test } from "node:test";
import { OperatorsClient } from "../../../src/cli/operators/client.ts";
import { systemClock } from "../../../src/core/ports/clock.ts";
import { openCredentialsServer } from "./credentials-server.ts";

test("operators' commands send a token or a key, and print what is wrong with it", async () => {
  await using server = await openCredentialsServer({ admin: "full" });
  const client = (adminToken: string): OperatorsClient =>
    new OperatorsClient({ fetch, clock: systemClock }, { server: server.url, adminToken });
  const { message } = await client(server.key).createKey({
    principal: "user:ada",
    groups: [],
    environment: "test",
  });
  for (const credential of [server.key, message.key, await server.token()])
    assert.equal((await client(credential).keys()).message.apiKeys.length, 1);
  await client(server.key).revokeKey(message.apiKey?.id ?? "");
  await assert.rejects(client(message.key).keys(), { reason: "API_KEY_INVALID" });
  await assert.rejects(client("no-token-at-all").keys(), { reason: "ACCESS_TOKEN_TYPE_UNSUPPORTED" });
});
