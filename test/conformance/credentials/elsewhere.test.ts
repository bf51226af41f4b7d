import assert from "node:assert/strict";
import { test } from "node:test";
import { postgresForTests } from "../../support/postgres.ts";
import { openCredentialsServer, work } from "./credentials-server.ts";

const OPTIONS = { admin: "full", metrics: true } as const;

const post = (url: string, body: object, key: string): Promise<Response> =>
  fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", "x-goog-api-key": key },
    body: JSON.stringify(body),
  });

test("a wait and a watch end where a key is revoked by another server on the same PostgreSQL", async (context) => {
  await using database = await postgresForTests();
  const store = await database.createDatabase();
  await using revoking = await openCredentialsServer({ ...OPTIONS, store });
  await using serving = await openCredentialsServer({ ...OPTIONS, store });
  const admin = `${revoking.url}/admin/v1/apiKeys`;
  const made = await post(admin, { principal: "user:ada" }, revoking.key);
  const { key, apiKey } = (await made.json()) as { key: string; apiKey: { id: string } };
  const { name } = await serving.operations.start(work, { text: "hold" });
  const begun = await fetch(`${serving.url}/v1/${name}:watch`, { headers: { "x-goog-api-key": key } });
  assert.equal(begun.status, 200);
  const watch = begun.text();
  const wait = post(`${serving.url}/v1/${name}:wait`, { timeout: "60s" }, key).then((answer) =>
    answer.text(),
  );
  while (!/^longrunning_waiters(?:\{[^}]*\})? 1$/m.test((await serving.operations.metrics?.()) ?? ""))
    await new Promise((resolve) => setImmediate(resolve));
  const revoked = await post(`${admin}/${apiKey.id}:revoke`, {}, revoking.key);
  assert.equal(revoked.status, 200);
  const at = performance.now();
  // Within two seconds, where the machine does nothing else (stored-keys.test.ts).
  for (const text of await Promise.all([wait, watch])) assert.match(text, /API_KEY_INVALID/);
  const tookMs = performance.now() - at;
  context.diagnostic(`ended after ${tookMs.toFixed()} ms`);
  await serving.operations.cancel(name);
});
