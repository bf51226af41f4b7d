import assert from "node:assert/strict";
import { test } from "node:test";
import { type ClientOptions, createClient } from "./client.ts";
import { failure, running } from "./network.suite.ts";
import { ManualClock } from "../testing/manual-clock.ts";
import { seededRandom } from "../testing/seeded-random.ts";

test("each call is reported when it is sent and when it ends", async () => {
  const events: string[] = [];
  const answers = [failure("UNAVAILABLE", 503), running(), failure("NOT_FOUND", 404)];
  const clock = new ManualClock();
  const options: ClientOptions = {
    clock,
    random: seededRandom(1),
    fetch: async () => answers.shift() ?? assert.fail("one call too many"),
    onCall: (event) => {
      const more =
        event.name === "sent" ? event.expectedMs : event.name === "failed" ? String(event.error) : "";
      events.push(`${event.name} ${more}`.trim());
    },
  };
  const client = createClient("http://h:1", options);
  const waiting = client.wait("operations/x", { timeout: "5s" });
  await clock.advance(10_000);
  await waiting;
  await assert.rejects(client.get("operations/y"), { code: "NOT_FOUND" });
  assert.deepEqual(
    events.map((event) => event.replace(/: .*/, "")),
    ["sent 5000", "failed StatusError", "sent 5000", "answered", "sent 0", "failed StatusError"],
  );
});
