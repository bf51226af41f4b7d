import assert from "node:assert/strict";
import { test } from "node:test";
import { isApiKey } from "../../access/credentials/api-key.ts";
import { EXIT } from "../exit.ts";
import { aBench } from "../methods.suite.ts";
import { aWorld } from "../world.suite.ts";

interface Keys {
  readonly apiKeys?: readonly {
    readonly id: string;
    readonly principal: string;
    readonly groups?: string[];
  }[];
}

test("keys are created, listed and revoked, and each is shown once", async () => {
  await using bench = await aBench();
  using world = aWorld({ environment: { LONGRUNNING_SERVER: bench.url } });
  assert.equal(await world.run("keys", "list"), EXIT.succeeded);
  assert.match(world.err(), /No API key is in the store/);
  const made = ["keys", "create", "serviceAccount:ci", "--groups", "group:a,group:b", "--expires-in", "90d"];
  assert.equal(await world.run(...made), EXIT.succeeded, world.err());
  const key = world.out().trim();
  assert.ok(isApiKey(key), key);
  assert.match(world.err(), /This is the only time that the key is shown\. It is good until \d{4}-/);
  const id = /keys revoke ([0-9a-f]{16}) --server/.exec(world.err())?.[1] ?? "";

  using later = aWorld({ environment: { LONGRUNNING_SERVER: bench.url } });
  assert.equal(await later.run("keys", "list"), EXIT.succeeded);
  assert.match(later.out(), new RegExp(`${id} +${key.slice(0, 13)}… .*serviceAccount:ci group:a group:b`));
  assert.ok(!later.out().includes(key));

  using json = aWorld({ environment: { LONGRUNNING_SERVER: bench.url } });
  assert.equal(await json.run("keys", "create", "user:ada", "--environment", "test", "--output", "json"), 0);
  const created = JSON.parse(json.out()) as { readonly key: string };
  assert.match(created.key, /^lro_test_/);

  using revoking = aWorld({ environment: { LONGRUNNING_SERVER: bench.url } });
  assert.equal(await revoking.run("keys", "revoke", id), EXIT.succeeded, revoking.err());
  assert.equal(await revoking.run("keys", "revoke", id), EXIT.notFound);
  using left = aWorld({ environment: { LONGRUNNING_SERVER: bench.url } });
  assert.equal(await left.run("keys", "list", "--output", "json"), EXIT.succeeded);
  const { apiKeys = [] } = JSON.parse(left.out()) as Keys;
  assert.deepEqual(
    apiKeys.map(({ principal }) => principal),
    ["user:ada"],
  );
});

test("keys create refuses an invalid principal", async () => {
  await using bench = await aBench();
  using world = aWorld({ environment: { LONGRUNNING_SERVER: bench.url } });
  assert.notEqual(await world.run("keys", "create", "ada"), EXIT.succeeded);
  assert.match(world.err(), /Invalid principal: expected user:… or serviceAccount:…/);
});
