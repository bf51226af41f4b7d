import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { StatusError } from "../client/index.ts";
import { ManualClock } from "../testing/manual-clock.ts";
import { ServerSilence } from "./server-silence.ts";
import { aWorld } from "./world.suite.ts";

const away = { name: "failed", error: new StatusError("UNAVAILABLE", "Away.") } as const;
const answered = { name: "answered" } as const;
const sent = (expectedMs = 0) => ({ name: "sent", expectedMs }) as const;

function setUp() {
  const clock = new ManualClock();
  const world = aWorld({ clock });
  return { clock, world, silence: new ServerSilence(world.io, "http://u:secret@h:1") };
}

describe("ServerSilence", () => {
  it("reports nothing while the server answers in time, or with an error of another kind", async () => {
    const { clock, world, silence } = setUp();
    silence.notice(sent(3_000));
    await clock.advance(4_000);
    silence.notice(answered);
    silence.notice(sent());
    silence.notice({ name: "failed", error: new StatusError("NOT_FOUND", "No.") });
    assert.equal(clock.pending, 0);
    silence.notice(sent());
    silence.notice(away);
    await clock.advance(1_900);
    silence.notice(sent());
    silence.notice(answered);
    assert.equal(world.err(), "");
    assert.equal(clock.pending, 0);
  });

  it("reports repeatedly how long the server has not answered, and when it answers again", async () => {
    const { clock, world, silence } = setUp();
    silence.notice(sent(3_000));
    await clock.advance(6_000);
    silence.notice(away);
    silence.notice(sent());
    silence.notice(away);
    await clock.advance(10_000);
    silence.notice(sent());
    silence.notice(answered);
    assert.deepEqual(world.err().split("\n"), [
      "No answer from http://u:***@h:1 for 2s; waiting for it. Ctrl-C ends the waiting.",
      "No answer from http://u:***@h:1 for 12s; waiting for it. Ctrl-C ends the waiting.",
      "http://u:***@h:1 answers again.",
      "",
    ]);
    assert.equal(clock.pending, 0);
  });
});
