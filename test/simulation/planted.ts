import type { Mutant } from "../mutants/mutant.ts";

/**
 * Bugs that are planted in the real code, one at a time, to check that the simulation finds them.
 * They are kinds of bugs that services of this kind have had, each visible only in some order of
 * events. `npm run test:simulation -- --planted` prints the number of histories until each is
 * found.
 */
export const PLANTED: readonly Mutant[] = [
  {
    id: "place-lost-with-its-worker",
    file: "src/store/sqlite/writer.ts",
    find: "if (isDone(next) && !next.blocked) this",
    replace: "if (isDone(next) && !next.blocked && expectedLeaseTime === undefined) this",
    fault:
      "If an operation ends because its lease has expired, its place is lost, and the queue stands still.",
  },
  {
    id: "place-lost-with-its-record",
    file: "src/store/sqlite/writer.ts",
    find: "if (endTime === null && blocked === 0) this",
    replace: "if (endTime !== null && blocked === 0) this",
    fault: "If an unfinished operation is deleted, its place is lost, and the queue stands still.",
  },
  {
    id: "lock-of-one-fails-all",
    file: "src/store/lane.ts",
    find: 'if (verdict === "all") {',
    replace: 'if (verdict !== "each") {',
    fault: "A lock held by another process fails all waiting commands, even those that do not need it.",
  },
  {
    id: "refused-command-fails-its-batch",
    file: "src/store/sqlite/writer.ts",
    find: 'if (fault.kind === "bug" && commands.length > 1) {',
    replace: 'if (fault.kind === "bug" && commands.length < 1) {',
    fault: "A command that cannot be stored fails the other commands of its batch.",
  },
  {
    id: "control-characters-identify",
    file: "src/core/value/text.ts",
    find: "const control = CONTROL.exec(text)?.[0];",
    replace: "const control = text.length > 64 ? CONTROL.exec(text)?.[0] : undefined;",
    fault: "A request id with U+0000 is accepted, which no store can keep.",
  },
  {
    id: "lane-stands-still-after-an-outage",
    file: "src/store/lane.ts",
    find: "if (failed !== undefined) this.#failed(batch, failed.error);\n    this.#inFlight--;",
    replace: "if (failed !== undefined) return this.#failed(batch, failed.error);\n    this.#inFlight--;",
    fault: "A failed batch counts as in progress for ever, and nothing is sent any more.",
  },
  {
    id: "turn-at-a-key-is-lost",
    file: "src/store/key-turns.ts",
    find: "queue.served++;\n        next(first);",
    replace: "queue.served++;\n        if (queue.served === items.length) next(first);",
    fault: "If several commands wait for a key, only the last gets its turn.",
  },
  {
    id: "start-acknowledged-without-an-answer",
    file: "src/engine/starting/starting.ts",
    find: "      reservation?.cancel();\n      throw error;\n    });",
    replace:
      "      reservation?.cancel();\n      if (pending.requestId !== null) throw error;\n      return { inserted: true, blocked: false } as const;\n    });",
    fault: "A start is acknowledged although the store has not answered.",
  },
  {
    id: "slot-lost-with-a-failed-start",
    file: "src/engine/starting/starting.ts",
    find: "(error: unknown) => {\n      reservation?.cancel();",
    replace: "(error: unknown) => {",
    fault: "A start that fails keeps the slot that it had set aside.",
  },
  {
    id: "old-attempt-may-end",
    file: "src/core/operation/transition.ts",
    find: 'if (operation.state !== "RUNNING" || operation.attempt !== event.attempt) return',
    replace: 'if (operation.state !== "RUNNING") return',
    fault: "An attempt that lost its lease writes its outcome over the attempt that runs.",
  },
  {
    id: "revision-is-no-fence",
    file: "src/store/sqlite/statements.ts",
    find: "where id = ? and revision = ? and",
    replace: "where id = ? and revision >= ? and",
    fault: "A change that was decided on an old record overwrites a newer one.",
  },
  {
    id: "passed-lease-is-renewed",
    file: "src/store/sqlite/statements.ts",
    find: "set lease_time = max(lease_time, ?)\n  where id = ? and attempt = ? and state = 'RUNNING' and lease_time > ?",
    replace:
      "set lease_time = max(lease_time, ?)\n  where id = ? and attempt = ? and state = 'RUNNING' and ? > 0",
    fault: "A lease that has passed is renewed.",
  },
  {
    id: "blocked-operation-is-claimed",
    file: "src/store/sqlite/places.ts",
    find: "this.#headOf(key) === undefined && this.#countPlaces(key, limit) < limit",
    replace: "this.#countPlaces(key, limit) <= limit",
    fault: "One operation more than the limit of a key runs.",
  },
  {
    id: "lease-is-trusted-for-ever",
    file: "src/worker/heartbeat.ts",
    find: '      end("lease-lost");\n',
    replace: "",
    fault: "A handler runs on when its lease can no longer be trusted, beside the next attempt.",
  },
  {
    id: "trust-counts-from-the-answer",
    file: "src/worker/claim-loop.ts",
    find: "run(operation, claim.calledAt);",
    replace: "run(operation, Math.max(claim.calledAt, clock.monotonic()));",
    fault: "A lease is trusted from the answer to its claim and not from the call.",
  },
  {
    id: "outcome-is-written-once",
    file: "src/worker/attempt.ts",
    find: "if (!isTransient(error)) throw error;",
    replace: "if (failures > 0) throw error;",
    fault: "An outcome that the store did not answer is not written again.",
  },
  {
    id: "sweep-ends-with-an-outage",
    file: "src/engine/sweep/loop.ts",
    find: "this.#failing = true;\n      return LIMITS.sweepIntervalMs;",
    replace: "this.#failing = true;\n      return Number.POSITIVE_INFINITY;",
    fault: "After one failed round a loop of the sweep never looks again.",
  },
  {
    id: "looks-for-waiters-end-with-an-outage",
    file: "src/engine/waiting/waiter-polls.ts",
    find: "this.#next(Math.max(pollMs,",
    replace: "if (tookMs < 500) this.#next(Math.max(pollMs,",
    fault: "After a look that got no answer, nobody looks after those who wait.",
  },
  {
    id: "waiter-stays-behind",
    file: "src/engine/use-cases.ts",
    find: "if (!waits) ticket.leave();",
    replace: "if (waits) ticket.leave();",
    fault: "A caller that finds its operation done stays among those who wait.",
  },
  {
    id: "hint-during-a-claim-is-lost",
    file: "src/worker/claim-loop.ts",
    find: "    this.#inQuestion.add(method);\n    // The claim",
    replace: "    if (this.#underWay === undefined) this.#inQuestion.add(method);\n    // The claim",
    fault: "Work that is announced during a claim waits for the next look.",
  },
  {
    id: "attempts-are-counted-wrongly",
    file: "src/core/operation/transition.ts",
    find: "failedAttempts >= operation.attemptsMax",
    replace: "failedAttempts > operation.attemptsMax",
    fault: "An operation gets one attempt too many.",
  },
  {
    id: "listener-stays-behind",
    file: "src/engine/engine.ts",
    find: "    this.#unwatch();\n",
    replace: "",
    fault: "An engine that has stopped listens on.",
  },
  {
    id: "ended-record-is-kept-too-long",
    file: "src/store/sqlite/store.ts",
    find: "this.#justEnded.replace(commands, report.outcomes);",
    replace:
      "if (report.changes.some(({ state }) => state !== null)) this.#justEnded.replace(commands, report.outcomes);",
    fault: "The record of the last commit is still shown after its removal.",
  },
  {
    id: "store-time-follows-the-wall",
    file: "src/store/sqlite/store-clock.ts",
    find: "Math.max(-mostMs, Math.min(mostMs, gapMs))",
    replace: "Math.max(-mostMs, gapMs)",
    fault: "A wall clock that is set forward ends the leases of running attempts.",
  },
];
