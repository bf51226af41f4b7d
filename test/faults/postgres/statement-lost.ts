import { setTimeout as delay } from "node:timers/promises";
import type { Fault } from "../fault.ts";

/**
 * Statements of one process that pass before one is lost: each number in turn, so that no statement
 * is always spared.
 */
const STATEMENTS = 12;
/** The time between two losses of a process. */
const PAUSE_MS = 15;

/**
 * The connection of a statement is lost, before PostgreSQL has received it or before its answer
 * arrives: in every process repeatedly, at each statement in turn, so that every command loses each
 * of its statements.
 */
export const statementLost: Fault = {
  name: "statement-lost",
  stores: ["postgres", "citus"],
  run: (bench) =>
    bench.course({ loses: true }, async ({ cluster: { members } }) => {
      const rounds = bench.isLong ? 40 : 5;
      let lost = 0;
      await Promise.all(
        members.map(async ({ lossy }) => {
          for (let count = 0; count < rounds * 2 * STATEMENTS; count++) {
            lossy.lose(1 + (count % STATEMENTS), count % (2 * STATEMENTS) < STATEMENTS ? "before" : "after");
            await delay(PAUSE_MS + bench.random.fraction() * 2 * PAUSE_MS);
            if (!lossy.spared()) lost++;
          }
        }),
      );
      return { "statements lost": lost };
    }),
};
