import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { UnsecuredJWT, SignJWT } from "jose";
import * as fc from "fast-check";
import { anyCharacter } from "../../../test/support/any-character.ts";
import { StatusError } from "../../core/error/error.ts";
import { LIMITS } from "../../core/limits.ts";
import { ManualClock } from "../../testing/manual-clock.ts";
import type { Issuer } from "./issuer.ts";
import { TestIssuer } from "./issuer.suite.ts";
import { Tokens } from "./tokens.ts";

async function open(more: Partial<Issuer> = {}) {
  const issuer = await TestIssuer.open();
  const clock = new ManualClock();
  const tokens = await Tokens.open([issuer.rules(more)], { clock });
  const sign: typeof issuer.sign = (now, ...others) => issuer.sign(now, ...others);
  return {
    issuer,
    clock,
    tokens,
    sign: (...args: Parameters<typeof sign> extends [number, ...infer Rest] ? Rest : never) =>
      sign(clock.now(), ...args),
    callerOf: async (token: string) => tokens.callerOf(token),
    [Symbol.asyncDispose]: () => issuer[Symbol.asyncDispose](),
  };
}

const invalid = { code: "UNAUTHENTICATED", reason: "JWT_TOKEN_INVALID" };

describe("Tokens", () => {
  it("makes a caller from the claims that the rules name, or from the default claims", async () => {
    await using test = await open({ principal: { claim: "email", prefix: "user:" } });
    const groups = ["packers", "all"];
    const caller = await test.callerOf(await test.sign({ email: "ada@example.com", groups }));
    const { credential: _, ...who } = caller;
    assert.deepEqual(who, {
      principal: "user:ada@example.com",
      tenant: null,
      groups: ["group:packers", "group:all"],
      quotaProject: undefined,
      traceparent: undefined,
    });
    const one = await test.callerOf(await test.sign({ email: "ada@example.com", groups: "packers" }));
    assert.deepEqual(one.groups, ["group:packers"]);
    const none = await test.callerOf(await test.sign({ email: "ada@example.com" }));
    assert.deepEqual(none.groups, []);
  });

  it("refuses claims that name no caller, or that are too long", async () => {
    await using test = await open({ principal: { claim: "email", prefix: "user:" } });
    const email = "ada@example.com";
    const tooMany = Array.from({ length: LIMITS.callerGroupsMax + 1 }, (_, index) => `g${index}`);
    for (const claims of [
      {},
      { email: "" },
      { email: 7 },
      { email: "ada example" },
      { email: "a".repeat(LIMITS.callerLengthMax) },
      { email, email_verified: false },
      { email, groups: [7] },
      { email, groups: { a: "b" } },
      { email, groups: tooMany },
    ])
      await assert.rejects(
        test.callerOf(await test.sign(claims)),
        invalid,
        JSON.stringify(claims).slice(0, 80),
      );
  });

  it("refuses every token that the issuer did not make for this service", async () => {
    await using test = await open({ type: "at+jwt" });
    const typ = "at+jwt";
    const good = await test.sign({}, { typ });
    assert.equal((await test.callerOf(good)).principal, "user:ada");
    const [head = "", body = "", signature = ""] = good.split(".");
    const shared = new TextEncoder().encode("a".repeat(64));
    const claims = { iss: "https://issuer.example", aud: "lro.example.com", sub: "ada", exp: 9_999_999_999 };
    const cases: Readonly<Record<string, string>> = {
      issuer: await test.sign({ iss: "https://other.example" }, { typ }),
      "no issuer": await test.sign({ iss: undefined }, { typ }),
      audience: await test.sign({ aud: ["other.example.com"] }, { typ }),
      type: await test.sign(),
      "no expiry": await test.sign({ exp: undefined }, { typ }),
      "not yet good": await test.sign({ nbf: test.clock.now() / 1_000 + 60 }, { typ }),
      "unknown key": await test.sign({}, { typ, kid: "z" }),
      signature: `${head}.${body}.${signature.startsWith("A") ? "B" : "A"}${signature.slice(1)}`,
      body: `${head}.${Buffer.from(JSON.stringify({ ...claims, sub: "eve" })).toString("base64url")}.${signature}`,
      "shared secret": await new SignJWT(claims)
        .setProtectedHeader({ alg: "HS256", kid: "a", typ })
        .sign(shared),
      "no signature": new UnsecuredJWT(claims).encode(),
      long: `${"a".repeat(LIMITS.tokenLengthMax)}.b.c`,
    };
    for (const [what, token] of Object.entries(cases))
      await assert.rejects(test.callerOf(token), invalid, what);
  });

  it("refuses texts that are not signed JWTs", async () => {
    await using test = await open();
    const unsupported = { code: "UNAUTHENTICATED", reason: "ACCESS_TOKEN_TYPE_UNSUPPORTED" };
    for (const token of [
      "ya29.a0AfH6",
      "a",
      "a.b",
      "a.b.c",
      "a.b.c.d.e",
      "e30.bm8.c",
      "e30.W10.c",
      "e30.e30",
    ])
      await assert.rejects(test.callerOf(token), unsupported, token);
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: anyCharacter, maxLength: 200 }), async (token) => {
        await assert.rejects(test.callerOf(token), (error) => error instanceof StatusError);
      }),
      { numRuns: 200 },
    );
    assert.equal(test.issuer.asked, 0);
  });

  it("tolerates clocks that differ by some seconds, but not by ten minutes", async () => {
    await using test = await open();
    const late = await test.sign({ exp: test.clock.now() / 1_000 - 29 });
    assert.equal((await test.callerOf(late)).principal, "user:ada");
    const expired = { code: "UNAUTHENTICATED", reason: "ACCESS_TOKEN_EXPIRED" };
    await assert.rejects(test.callerOf(await test.sign({ exp: test.clock.now() / 1_000 - 31 })), expired);
    const hour = await test.sign();
    const soon = await test.sign({ exp: test.clock.now() / 1_000 + 300 });
    test.clock.setWall(test.clock.now() + 600_000);
    assert.equal((await test.callerOf(hour)).principal, "user:ada");
    await assert.rejects(test.callerOf(soon), expired);
    test.clock.setWall(test.clock.now() - 1_200_000);
    await assert.rejects(test.callerOf(await test.sign({ nbf: test.clock.now() / 1_000 + 600 })), {
      ...invalid,
      message: /It is not valid yet \(nbf\)\. Check the clocks/,
    });
  });

  it("requires the scopes of the rules, given as a text or a list", async () => {
    await using test = await open({ scopes: ["operations", "openid"] });
    for (const scopes of [{ scope: "openid profile operations" }, { scp: ["operations", "openid"] }])
      assert.equal((await test.callerOf(await test.sign(scopes))).principal, "user:ada");
    for (const scopes of [{}, { scope: "operations" }, { scope: 7 }, { scp: ["operations.read", "openid"] }])
      await assert.rejects(test.callerOf(await test.sign(scopes)), {
        code: "PERMISSION_DENIED",
        reason: "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
        metadata: { scopes: "operations openid" },
      });
  });

  it("verifies a token once, and remembers it for a minute or until it expires", async () => {
    await using test = await open();
    const [hour, soon] = [await test.sign(), await test.sign({ exp: test.clock.now() / 1_000 + 10 })];
    const known = await test.callerOf(hour);
    await test.callerOf(soon);
    assert.equal(test.tokens.callerOf(hour), known);
    const other = await test.sign({ jti: "other" });
    const together = await Promise.all([test.callerOf(other), test.callerOf(other)]);
    assert.equal(together[0], together[1]);
    await test.clock.advance(10_000);
    assert.equal(test.tokens.callerOf(hour), known);
    assert.ok(test.tokens.callerOf(soon) instanceof Promise);
    await test.clock.advance(50_000);
    assert.ok(test.tokens.callerOf(hour) instanceof Promise);
    assert.equal(test.issuer.asked, 1);
  });

  it("ends a credential when its token expires, or when the rules no longer have its issuer", async () => {
    await using test = await open();
    const { credential } = await test.callerOf(await test.sign());
    const end = test.clock.now() + 3_600_000 + 30_000;
    assert.equal(credential?.refusal(end - 1), undefined);
    assert.equal(credential?.refusal(end)?.reason, "ACCESS_TOKEN_EXPIRED");
    test.tokens.replace([test.issuer.rules()]);
    assert.equal(credential?.refusal(0), undefined);
    const late = test.callerOf(await test.sign({ jti: "late" }));
    test.tokens.replace([]);
    await late;
    test.tokens.replace([test.issuer.rules()]);
    assert.equal(credential?.refusal(0), undefined);
    test.tokens.replace([]);
    assert.equal(credential?.refusal(0)?.reason, "JWT_TOKEN_INVALID");
  });

  it("tries each key of an issuer whose tokens name no key", async () => {
    await using test = await open();
    await test.issuer.addKey("b");
    const { keys } = test.issuer;
    for (const [kid, key] of keys) keys.set(kid, { ...key, kid: undefined });
    for (const kid of ["a", "b"]) {
      const token = await test.sign({}, { kid, named: false });
      assert.equal((await test.callerOf(token)).principal, "user:ada");
    }
    await assert.rejects(test.callerOf(await test.sign({}, { kid: "z", named: false })), invalid);
    await assert.rejects(test.callerOf(await test.sign({ aud: "x" }, { kid: "b", named: false })), invalid);
  });
});
