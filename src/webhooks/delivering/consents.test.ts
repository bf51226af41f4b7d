import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { LIMITS } from "../../core/limits.ts";
import { ManualClock } from "../../testing/manual-clock.ts";
import { Consents } from "./consents.ts";

const { signal } = new AbortController();
const refused = { code: "UNAVAILABLE", reason: "WEBHOOK_REFUSED" };

/** Receivers that answer in turn. */
function aBench(...answers: readonly (string | undefined)[]) {
  const clock = new ManualClock();
  const asked: string[] = [];
  const ask = async ({ href }: URL, origin: string): Promise<string | undefined> => {
    asked.push(`${href} ${origin}`);
    return answers[asked.length - 1];
  };
  const consents = new Consents({ clock, poster: { ask }, service: "archive.example.com" });
  const agree = (path: string): Promise<void> => consents.require(new URL(path, "https://a.b/"), signal);
  return { clock, asked, agree };
}

suite("Consents", () => {
  test("are requested once an hour, for each address", async () => {
    const { clock, asked, agree } = aBench("*", "Archive.Example.com", "archive.example.com");
    await agree("x");
    await agree("x");
    await agree("y");
    assert.deepEqual(asked, ["https://a.b/x archive.example.com", "https://a.b/y archive.example.com"]);
    await clock.advance(LIMITS.webhookConsentMs);
    await agree("x");
    assert.equal(asked.length, 3);
  });

  test("are for this service or for all, and a refusal is requested again", async () => {
    const { asked, agree } = aBench(undefined, "example.com", "", "*, other", "*");
    for (let count = 0; count < 4; count++) await assert.rejects(agree("x"), refused);
    await agree("x");
    assert.equal(asked.length, 5);
  });
});
