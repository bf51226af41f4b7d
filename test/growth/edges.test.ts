import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { INPUTS } from "./inputs.ts";
import { type Measured, type MeasuredServer, startMeasuredServer } from "./measured-server.ts";

/**
 * How long one turn of the event loop may be, in processor time of its thread: the delay that another caller may see. What is
 * meant is 20 ms, which all but a few inputs keep on a quiet machine. Machines are noisy and of many speeds, so this
 * fails only for what is several times worse.
 */
const TURN_MS_MAX = 100;
/** Inputs that take 40 to 60 ms on a quiet machine: none is to be added, and each is to go. */
const LONGER_MS: Readonly<Record<string, number>> = {
  // Each message is read, checked and written field by field.
  "messages of an RPC": 200,
  // The names of as many fields as a request may have are looked up.
  "unknown fields of an RPC": 200,
  // Each of ten million bytes is looked at, and all of them are put together before.
  "line ends of a batch": 200,
};
const ATTEMPTS = 4;
/** A refusal tells a bounded number of things that are wrong. */
const REFUSAL_BYTES_MAX = 65_536;

suite("one request at its limits lets others have the event loop:", () => {
  let server: MeasuredServer;
  before(async () => {
    server = await startMeasuredServer();
  });
  after(() => server[Symbol.asyncDispose]());

  for (const [what, input] of Object.entries(INPUTS)) {
    test(what, async (context) => {
      const longestMs = LONGER_MS[what] ?? TURN_MS_MAX;
      let best: Measured | undefined;
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const measured = await server.measure(input);
        assert.ok(measured.status < 500, `status ${measured.status}`);
        assert.ok(
          measured.status === 200 || measured.answerBytes < REFUSAL_BYTES_MAX,
          `${measured.answerBytes} bytes`,
        );
        if (best === undefined || measured.longestTurnMs < best.longestTurnMs) best = measured;
        const { longestTurnMs, totalMs, answerBytes } = best;
        context.diagnostic(
          `${longestTurnMs.toFixed(1)} ms of ${totalMs.toFixed(1)} ms, ${answerBytes} bytes`,
        );
        if (longestTurnMs <= longestMs) return;
      }
      assert.fail(`it held the event loop for ${best?.longestTurnMs.toFixed(0)} ms`);
    });
  }
});
