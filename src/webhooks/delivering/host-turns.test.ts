import assert from "node:assert/strict";
import { test } from "node:test";
import { LIMITS } from "../../core/limits.ts";
import { Postponed } from "../../core/method/postponed.ts";
import { ManualClock } from "../../testing/manual-clock.ts";
import { HostTurns } from "./host-turns.ts";

const MOST = LIMITS.webhooksAtOncePerHost;

/** The delay of one more delivery. */
async function putOffMs(turns: HostTurns, host: string): Promise<number> {
  const error: unknown = await turns
    .take(host, async () => {})
    .then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
  assert.ok(error instanceof Postponed);
  return error.delayMs;
}

test("concurrent deliveries to one host are limited; further ones are delayed, each more than the one before, and other hosts are unaffected", async () => {
  const clock = new ManualClock();
  const turns = new HostTurns(clock);
  const gate = Promise.withResolvers<void>();
  const going = Array.from({ length: MOST }, () => turns.take("a", () => gate.promise));
  const delays = [await putOffMs(turns, "a"), await putOffMs(turns, "a"), await putOffMs(turns, "a")];
  assert.ok(delays[0] !== undefined && delays[0] > 0);
  assert.deepEqual(
    delays,
    delays.toSorted((x, y) => x - y),
  );
  assert.equal(new Set(delays).size, 3);
  assert.equal(await turns.take("b", async () => "sent"), "sent");
  gate.resolve();
  await Promise.all(going);
  assert.equal(await turns.take("a", async () => "sent"), "sent");
});

test("deliveries that a slow host delays wait for about as long as it takes, up to a minute", async () => {
  const clock = new ManualClock();
  const turns = new HostTurns(clock);
  const gate = Promise.withResolvers<void>();
  const held = turns.take("a", () => gate.promise);
  for (let round = 0; round < 40; round++) await turns.take("a", () => clock.advance(16_000));
  const going = [held, ...Array.from({ length: MOST - 1 }, () => turns.take("a", () => gate.promise))];
  const first = await putOffMs(turns, "a");
  assert.ok(first > 12_000 && first < 20_000, `${first}`);
  let last = first;
  for (let each = 0; each < 100; each++) last = await putOffMs(turns, "a");
  assert.equal(last, LIMITS.webhookPostponeMsMax);
  gate.resolve();
  await Promise.all(going);
});

test("a turn is returned whatever the result, and an unused host is forgotten", async () => {
  const clock = new ManualClock();
  const turns = new HostTurns(clock);
  for (let each = 0; each < 3 * MOST; each++)
    await assert.rejects(
      turns.take("a", () => Promise.reject(new Error("no"))),
      /no/,
    );
  assert.equal(turns.count, 0);
});
