import assert from "node:assert/strict";
import { test } from "node:test";
import { LIMITS } from "../core/limits.ts";
import { ManualClock } from "../testing/manual-clock.ts";
import { CurrentHeaders } from "./open-worker-headers.ts";

test("credentials become headers besides the other headers", async () => {
  const credentials = { token: "t", apiKey: "k" };
  const headers = new CurrentHeaders({ credentials, headers: { "x-team": "a" } }, new ManualClock());
  assert.deepEqual(await headers.ask(), { "x-team": "a", authorization: "Bearer t", "x-goog-api-key": "k" });
});

test("without credentials there are no headers", async () => {
  assert.deepEqual(await new CurrentHeaders({}, new ManualClock()).ask(), {});
});

test("a changing token is requested when it is needed, and at intervals otherwise", async () => {
  const clock = new ManualClock();
  let token = "first";
  const headers = new CurrentHeaders({ credentials: { token: async () => token } }, clock);
  await headers.ask();
  const told: unknown[] = [];
  headers.watch((each) => told.push(each["authorization"]));
  await headers.ask();
  assert.deepEqual(told, []);
  token = "second";
  await headers.ask();
  assert.deepEqual(told, ["Bearer second"]);
  token = "third";
  await clock.advance(LIMITS.credentialsIntervalMs);
  assert.deepEqual(told, ["Bearer second", "Bearer third"]);
  headers.stop();
  token = "fourth";
  await clock.advance(2 * LIMITS.credentialsIntervalMs);
  assert.equal(told.length, 2);
  assert.equal(clock.pending, 0);
});

test("a token that is not available throws for the call that needs it, and is requested again", async () => {
  const clock = new ManualClock();
  let asked = 0;
  const token = (): string => {
    asked++;
    throw new Error("no token");
  };
  const headers = new CurrentHeaders({ credentials: { token } }, clock);
  await assert.rejects(headers.ask(), /no token/);
  headers.watch(() => {});
  await clock.advance(2 * LIMITS.credentialsIntervalMs);
  assert.equal(asked, 3);
  headers.stop();
});

test("fixed credentials are requested only when they are used", () => {
  const clock = new ManualClock();
  new CurrentHeaders({ credentials: { token: "t" } }, clock).watch(() => {});
  assert.equal(clock.pending, 0);
});
