import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { describe, it, mock } from "node:test";
import { retryInfo } from "../../core/error/details.ts";
import type { StatusError } from "../../core/error/error.ts";
import { LIMITS } from "../../core/limits.ts";
import { ManualClock } from "../../testing/manual-clock.ts";
import { type Answering, TestIssuer } from "./issuer.suite.ts";
import { Tokens } from "./tokens.ts";

async function open({ answerMs }: { readonly answerMs?: number } = {}) {
  const issuer = await TestIssuer.open();
  const clock = new ManualClock();
  const tokens = await Tokens.open([issuer.rules()], {
    clock,
    ...(answerMs === undefined ? {} : { answerMs }),
  });
  return {
    issuer,
    clock,
    tokens,
    /** Authenticates with a new token, signed with a key. */
    call: async (kid = "a", jti = `${Math.trunc(clock.monotonic())}-${issuer.asked}`) =>
      (await tokens.callerOf(await issuer.sign(clock.now(), { jti }, { kid }))).principal,
    [Symbol.asyncDispose]: () => issuer[Symbol.asyncDispose](),
  };
}

const unchecked = { code: "UNAVAILABLE", reason: "CREDENTIALS_UNCHECKED" };

describe("the keys of an issuer", () => {
  const broken: Readonly<Record<string, Answering>> = {
    "answers with an error": (response) => void response.writeHead(500).end("{}"),
    "answers with another address": (response) =>
      void response.writeHead(302, { location: "http://127.0.0.1:1/" }).end(),
    "answers with nothing": (response) => void response.end(),
    "answers with no set of keys": (response) => void response.end('{"keys":7}'),
    "hangs up": (response) => void response.destroy(),
    "answers with more than keys are": (response) =>
      void response.end(`{"keys":[],"more":"${"x".repeat(LIMITS.issuerKeysBytesMax)}"}`),
    "never comes to an end": (response) => {
      const more = (): void => {
        while (!response.destroyed && response.write("x".repeat(65_536)));
      };
      response.on("drain", more).on("error", () => undefined);
      more();
    },
  };
  for (const [what, answer] of Object.entries(broken)) {
    it(`make a token unavailable, not invalid, if the issuer ${what}, and are requested again later`, async () => {
      await using test = await open();
      const good = test.issuer.answer;
      test.issuer.answer = answer;
      await assert.rejects(test.call(), { ...unchecked, details: [retryInfo({ retryDelay: "5s" })] });
      test.issuer.answer = good;
      const { asked } = test.issuer;
      await assert.rejects(test.call(), unchecked);
      assert.equal(test.issuer.asked, asked, "it is left alone for a moment");
      await test.clock.advance(LIMITS.issuerRetryMs);
      assert.equal(await test.call(), "user:ada");
    });
  }

  it("make a token unavailable if the issuer does not answer in time, or its answer never ends", async () => {
    for (const answer of [() => undefined, (response: ServerResponse) => void response.write('{"keys":[')]) {
      await using test = await open({ answerMs: 20 });
      test.issuer.answer = answer;
      await assert.rejects(test.call(), unchecked);
    }
  });

  it("make a token unavailable if the issuer is down", async () => {
    await using test = await open();
    await test.issuer.close();
    await assert.rejects(test.call(), (error: StatusError) => {
      assert.deepEqual([error.code, error.reason], [unchecked.code, unchecked.reason]);
      assert.match(
        (error.cause as Error).message,
        /^the keys of the issuer at http:\/\/.* cannot be read: .*ECONNREFUSED/,
      );
      return true;
    });
  });

  it("are requested once, however many callers wait for them", async () => {
    await using test = await open();
    const calls = Array.from({ length: 100 }, (_, index) => test.call("a", `${index}`));
    assert.ok((await Promise.all(calls)).every((each) => each === "user:ada"));
    assert.equal(test.issuer.asked, 1);
  });

  it("delay nobody once they are known, neither during a refresh nor while the issuer is down", async () => {
    await using test = await open();
    await test.call();
    const good = test.issuer.answer;
    const slow = Promise.withResolvers<void>();
    test.issuer.answer = (response) => void slow.promise.then(() => good(response));
    await test.clock.advance(LIMITS.issuerKeysFreshMs + 1);
    const asked = test.issuer.untilAsked();
    assert.equal(await test.call(), "user:ada");
    await asked;
    assert.equal(await test.call(), "user:ada");
    assert.equal(test.issuer.asked, 2);
    slow.resolve();
    await test.issuer.close();
    await test.clock.advance(3_600_000);
    for (let index = 0; index < 5; index++) {
      assert.equal(await test.call("a", `down ${index}`), "user:ada");
      await test.clock.advance(LIMITS.issuerRetryMs);
    }
  });

  it("are trusted for a day while the issuer does not answer, and no longer", async () => {
    await using test = await open();
    await test.call();
    await test.issuer.close();
    await test.clock.advance(LIMITS.issuerKeysKeptMs - 1);
    assert.equal(await test.call(), "user:ada");
    await test.clock.advance(LIMITS.issuerKeysKeptMs);
    await assert.rejects(test.call(), unchecked);
  });

  it("are refreshed for an unknown key, and not again at once for another unknown one", async () => {
    mock.timers.enable({ apis: ["Date"], now: 1_000_000 });
    try {
      await using test = await open();
      await test.call();
      await test.issuer.addKey("b");
      await assert.rejects(test.call("b"), { reason: "JWT_TOKEN_INVALID" });
      assert.equal(test.issuer.asked, 1);
      mock.timers.tick(LIMITS.issuerCooldownMs);
      assert.equal(await test.call("b"), "user:ada");
      await assert.rejects(test.call("z"), { reason: "JWT_TOKEN_INVALID" });
      assert.equal(test.issuer.asked, 2);
      test.issuer.keys.delete("a");
      mock.timers.tick(LIMITS.issuerCooldownMs);
      await assert.rejects(test.call("z"), { reason: "JWT_TOKEN_INVALID" });
      await assert.rejects(test.call("a", "after"), { reason: "JWT_TOKEN_INVALID" });
    } finally {
      mock.timers.reset();
    }
  });

  it("refuse tokens if the issuer publishes other keys than it signs with", async () => {
    await using test = await open();
    const other = await TestIssuer.open();
    await using _ = other;
    test.issuer.answer = other.answer;
    await assert.rejects(test.call(), { reason: "JWT_TOKEN_INVALID" });
  });

  it("stay known when rules are reloaded", async () => {
    await using test = await open();
    await test.call();
    const { clock, issuer } = test;
    const rules = issuer.rules({ audiences: ["b"] });
    await issuer.close();
    test.tokens.replace([rules]);
    const call = async () =>
      (await test.tokens.callerOf(await issuer.sign(clock.now(), { aud: "b" }))).principal;
    assert.equal(await call(), "user:ada");
    test.tokens.replace([{ ...rules, keysUrl: "http://127.0.0.1:1/" }]);
    await assert.rejects(call, unchecked);
  });
});
