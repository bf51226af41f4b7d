import assert from "node:assert/strict";
import { it } from "node:test";
import { silence } from "../../core/events.ts";
import { openStore } from "../../store/open.ts";
import { ManualClock } from "../../testing/manual-clock.ts";
import { seededRandom } from "../../testing/seeded-random.ts";
import { hashOfKey, isApiKey } from "./api-key.ts";
import { KeyAdmin } from "./key-admin.ts";

const asked = { principal: "user:ada", groups: [], expireTime: undefined, environment: "" };

async function open() {
  const clock = new ManualClock();
  const random = seededRandom(1);
  const store = await openStore("sqlite::memory:", { clock, random, tell: silence });
  const revoked: string[] = [];
  const keys = new KeyAdmin({
    resources: store.resources,
    time: () => clock.now(),
    random,
    onRevoked: (hash) => revoked.push(hash),
  });
  return { clock, keys, revoked, store, [Symbol.asyncDispose]: () => store.close() };
}

it("a new key is returned once, and the store has only its hash", async () => {
  await using test = await open();
  const expireTime = test.clock.now() + 60_000;
  const { key, apiKey } = await test.keys.create({ ...asked, groups: ["group:a"], expireTime });
  assert.ok(isApiKey(key));
  assert.match(key, /^lro_live_/);
  const sha256 = hashOfKey(key);
  const [id, prefix, createTime] = [sha256.slice(0, 16), key.slice(0, 13), test.clock.now()];
  const shown = { id, sha256, principal: "user:ada", groups: ["group:a"], prefix, createTime, expireTime };
  assert.deepEqual(apiKey, { ...shown, lastUsedTime: null });
  const stored = JSON.stringify(await test.store.resources.list("api-key", 9));
  assert.ok(!stored.includes(key.slice(14)), stored);
});

it("keys are listed newest first, and can be revoked once", async () => {
  await using test = await open();
  const ids: string[] = [];
  for (const principal of ["user:a", "user:b", "user:c"]) {
    ids.unshift((await test.keys.create({ ...asked, principal })).apiKey.id);
    await test.clock.advance(1);
  }
  assert.deepEqual(
    (await test.keys.list()).map(({ id }) => id),
    ids,
  );
  const [newest = ""] = ids;
  await test.keys.revoke(newest);
  assert.deepEqual([test.revoked.length, test.revoked[0]?.slice(0, 16)], [1, newest]);
  for (const id of [newest, "", "x".repeat(1_000)])
    await assert.rejects(test.keys.revoke(id), { code: "NOT_FOUND", reason: "API_KEY_NOT_FOUND" });
  assert.equal((await test.keys.list()).length, 2);
});

it("the settings of a new key are checked", async () => {
  await using test = await open();
  for (const wrong of [
    { principal: "ada" },
    { principal: "" },
    { groups: ["a"] },
    { groups: Array.from({ length: 257 }, () => "group:a") },
    { environment: "LIVE" },
    { expireTime: test.clock.now() },
  ])
    await assert.rejects(test.keys.create({ ...asked, ...wrong }), {
      code: "INVALID_ARGUMENT",
      reason: "REQUEST_INVALID",
    });
  assert.deepEqual(await test.keys.list(), []);
});
