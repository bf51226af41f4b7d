import assert from "node:assert/strict";
import { test } from "node:test";
import { LIMITS } from "../../core/limits.ts";
import { ManualClock } from "../../testing/manual-clock.ts";
import { issuerChecks } from "./issuers.ts";

const KEY = { kty: "OKP", crv: "Ed25519", x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" };

async function checkOf(answer: () => Promise<Response>): Promise<string> {
  const issuers = [{ issuer: "https://issuer.example", keysUrl: "https://issuer.example/keys" }];
  const [check, ...others] = await issuerChecks({ clock: new ManualClock(), fetch: answer }, issuers);
  assert.deepEqual(others, []);
  return `${check?.status}: ${check?.message}`;
}

const at = "https://issuer.example/keys";

test("the keys of an issuer are counted", async () => {
  assert.equal(
    await checkOf(async () => Response.json({ keys: [KEY] })),
    `ok: https://issuer.example has 1 key at ${at}`,
  );
  const none = await checkOf(async () => Response.json({ keys: [] }));
  assert.equal(none, `fail: https://issuer.example has 0 keys at ${at}`);
  const unasked = { clock: new ManualClock(), fetch: () => assert.fail("there is no issuer") };
  assert.deepEqual(await issuerChecks(unasked, []), []);
});

test("an issuer whose keys cannot be read fails, with the innermost cause", async () => {
  const cause = new Error("connect ECONNREFUSED 127.0.0.1:1");
  const begin = `fail: the keys of https://issuer.example at ${at} cannot be read: `;
  const failed = new TypeError("fetch failed", { cause });
  assert.equal(await checkOf(() => Promise.reject(failed)), `${begin}connect ECONNREFUSED 127.0.0.1:1`);
  const missing = await checkOf(async () => new Response("", { status: 404 }));
  assert.equal(missing, `${begin}the answer has the status 404`);
  assert.ok((await checkOf(async () => new Response("<html>"))).startsWith(begin));
  assert.ok((await checkOf(async () => Response.json({}))).startsWith(begin));
});

test("an issuer that does not answer fails after some seconds", async () => {
  const clock = new ManualClock();
  const asked = Promise.withResolvers<void>();
  const fetch = (_: unknown, init?: RequestInit): Promise<Response> =>
    new Promise((_resolve, reject) => {
      init?.signal?.addEventListener("abort", () => reject(init.signal?.reason as Error));
      asked.resolve();
    });
  const checking = issuerChecks({ clock, fetch }, [{ issuer: "https://issuer.example", keysUrl: at }]);
  await asked.promise;
  await clock.advance(LIMITS.issuerAnswerMs);
  assert.match((await checking)[0]?.message ?? "", /cannot be read: no answer in time$/);
});
