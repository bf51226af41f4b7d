import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { describe, it } from "node:test";
import { silence } from "../../core/events.ts";
import type { Caller } from "../../core/caller.ts";
import type { Sender } from "../../core/ports/authenticate.ts";
import { openStore } from "../../store/open.ts";
import { ManualClock } from "../../testing/manual-clock.ts";
import { seededRandom } from "../../testing/seeded-random.ts";
import { hashOfKey, newApiKey } from "./api-key.ts";
import { Authenticator, type CredentialRules } from "./authenticator.ts";
import { PACKER } from "./certificates.suite.ts";
import { TestIssuer } from "./issuer.suite.ts";

const random = seededRandom(1);
const key = newApiKey("test", random);
const NO_RULES: CredentialRules = { issuers: [], keys: [], certificates: { trustedProxies: [] } };
const ofKey = { hash: hashOfKey(key), principal: "serviceAccount:ci", groups: [], expireTime: null };

async function open(rules: CredentialRules, time?: number) {
  const clock = new ManualClock(time);
  const store = await openStore("sqlite::memory:", { clock, random, tell: silence });
  const { resources } = store;
  const parts = { tokensInAddress: false, resources, time: () => clock.now(), clock };
  const authenticator = await Authenticator.open(rules, parts);
  const callerOf = async (headers: Sender["headers"]): Promise<Caller | undefined> =>
    authenticator.callerOf({ headers, socket: undefined });
  const close = async () => {
    authenticator.stop();
    await store.close();
  };
  return { clock, authenticator, callerOf, [Symbol.asyncDispose]: close };
}

describe("Authenticator", () => {
  it("knows a key of the rules at once, as the same caller each time", async () => {
    await using test = await open({ ...NO_RULES, keys: [ofKey] });
    const sender = { headers: { "x-goog-api-key": key }, socket: undefined };
    const caller = test.authenticator.callerOf(sender);
    assert.equal((caller as Caller).principal, "serviceAccount:ci");
    assert.equal(test.authenticator.callerOf(sender), caller);
  });

  it("checks the key of each call of a connection", async () => {
    const expireTime = 1_000;
    await using test = await open({ ...NO_RULES, keys: [{ ...ofKey, expireTime }] }, 0);
    const socket = {};
    const from = (text: string) => ({ headers: { "x-goog-api-key": text }, socket });
    for (const _ of ["first", "again"]) {
      assert.equal(((await test.authenticator.callerOf(from(key))) as Caller).principal, "serviceAccount:ci");
      assert.throws(() => test.authenticator.callerOf(from(`${key}x`)), { reason: "API_KEY_INVALID" });
    }
    await test.clock.advance(expireTime);
    assert.throws(() => test.authenticator.callerOf(from(key)), { code: "INVALID_ARGUMENT" });
    await test.authenticator.replace(NO_RULES);
    await assert.rejects(async () => test.authenticator.callerOf(from(key)), { reason: "API_KEY_INVALID" });
  });

  it("takes the caller from a token, and the quota from the key beside it", async () => {
    await using issuer = await TestIssuer.open();
    await using test = await open({ ...NO_RULES, issuers: [issuer.rules()], keys: [ofKey] });
    const authorization = `Bearer ${await issuer.sign(test.clock.now())}`;
    const caller = await test.callerOf({ authorization, "x-goog-api-key": key });
    assert.deepEqual([caller?.principal, caller?.quotaProject], ["user:ada", "serviceAccount:ci"]);
    assert.equal((await test.callerOf({ authorization }))?.quotaProject, undefined);
  });

  it("has no caller without credentials, and refuses credentials without a matching rule", async () => {
    await using test = await open(NO_RULES);
    assert.equal(await test.callerOf({}), undefined);
    await assert.rejects(test.callerOf({ authorization: "Bearer a.b.c" }), { reason: "JWT_TOKEN_INVALID" });
    await assert.rejects(test.callerOf({ "x-goog-api-key": key }), { reason: "API_KEY_INVALID" });
  });

  it("ends credentials when their rules change", async () => {
    await using issuer = await TestIssuer.open();
    const certificate = `:${new X509Certificate(PACKER.cert).raw.toString("base64")}:`;
    const certificates = { trustedProxies: [{ address: "10.0.0.0", bits: 8 }] };
    const rules = { ...NO_RULES, issuers: [issuer.rules()], certificates };
    await using test = await open(rules, Date.UTC(2027, 0, 1));
    const { authenticator, clock } = test;
    const bearer = { authorization: `Bearer ${await issuer.sign(clock.now())}` };
    const proxied = { headers: { "client-cert": certificate }, socket: { remoteAddress: "10.1.2.3" } };
    const arrive = async () => [await test.callerOf(bearer), await authenticator.callerOf(proxied)];
    const ended = (callers: readonly (Caller | undefined)[]) =>
      callers.map((caller) => caller?.credential?.refusal(clock.now())?.reason);
    const [token, proxy] = ["JWT_TOKEN_INVALID", "CLIENT_CERTIFICATE_INVALID"];
    const first = await arrive();
    await authenticator.replace(structuredClone(rules));
    assert.deepEqual(ended(first), [undefined, undefined]);
    const other = { ...issuer.rules(), clockToleranceMs: 1_000 };
    await authenticator.replace({ ...rules, issuers: [other] });
    assert.deepEqual(ended(first), [token, undefined]);
    const second = await arrive();
    await authenticator.replace({ ...rules, certificates: NO_RULES.certificates });
    assert.deepEqual(ended(second), [token, proxy]);
    const third = await arrive();
    assert.deepEqual([third[0]?.principal, third[1]], ["user:ada", undefined]);
  });

  it("reports that new rules end a credential, and ends it", async () => {
    await using issuer = await TestIssuer.open();
    const rules = { ...NO_RULES, issuers: [issuer.rules()], keys: [ofKey] };
    await using test = await open(rules);
    let told = 0;
    const unwatch = test.authenticator.watch(() => told++);
    const authorization = `Bearer ${await issuer.sign(test.clock.now())}`;
    const [ada, ci] = [
      await test.callerOf({ authorization }),
      await test.callerOf({ "x-goog-api-key": key }),
    ];
    await test.authenticator.replace(rules);
    assert.equal(told, 1);
    for (const caller of [ada, ci]) assert.equal(caller?.credential?.refusal(test.clock.now()), undefined);
    await test.authenticator.replace(NO_RULES);
    assert.equal(told, 2);
    assert.equal(ada?.credential?.refusal(test.clock.now())?.reason, "JWT_TOKEN_INVALID");
    assert.equal(ci?.credential?.refusal(test.clock.now())?.reason, "API_KEY_INVALID");
    unwatch();
    await test.authenticator.replace(rules);
    assert.equal(told, 2);
  });
});
