import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Command } from "../../core/store.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { aFinishedOperation } from "../suite/subject.suite.ts";
import { freesPlace, roundsOf } from "./rounds.ts";

const operations = Array.from({ length: 4 }, (_, index) =>
  anOperation({ requestId: `r${index % 2}`, parallelKey: index < 2 ? "k" : null }),
);
const PARALLEL = { limit: 1, when: "queue" } as const;

const aCommand: fc.Arbitrary<Command> = fc
  .tuple(fc.constantFrom("insert", "replace", "end", "renew", "remove", "claim", "purge"), fc.nat(3))
  .map(([kind, index]): Command => {
    const operation = operations[index] ?? anOperation();
    const { id, parallelKey } = operation;
    switch (kind) {
      case "insert":
        return parallelKey === null
          ? { verb: "insert", operation }
          : { verb: "insert", operation, parallel: PARALLEL };
      case "replace":
        return { verb: "replace", next: operation, expectedRevision: 1 };
      case "end":
        return { verb: "replace", next: aFinishedOperation({ id, parallelKey }), expectedRevision: 1 };
      case "renew":
        return { verb: "renew", id, attempt: 1, leaseMs: 1, metadata: null };
      case "remove":
        return { verb: "remove", id, parent: "" };
      case "claim":
        return { verb: "claim", worker: "w", leaseMs: 1, limit: 1, wanted: [] };
      default:
        return { verb: "purge", limit: 1 };
    }
  });

/** Whether the second could tell whether the first was carried out before it. Told in other words than roundsOf. */
function meets(first: Command, second: Command): boolean {
  if ([first, second].some(({ verb }) => verb === "claim" || verb === "purge")) return true;
  if (idOf(first) === idOf(second)) return true;
  if (first.verb === "insert" && second.verb === "insert") {
    return first.operation.requestId === second.operation.requestId;
  }
  return first.verb !== second.verb && hasToDoWithPlaces(first) && hasToDoWithPlaces(second);
}

function idOf(command: Command): string | undefined {
  if (command.verb === "insert") return command.operation.id;
  if (command.verb === "replace") return command.next.id;
  return "id" in command ? command.id : undefined;
}

function hasToDoWithPlaces(command: Command): boolean {
  return (
    command.verb === "remove" ||
    (command.verb === "insert" && command.parallel !== undefined) ||
    (command.verb === "replace" && freesPlace(command.next))
  );
}

test("roundsOf() carries out every command once, and those that can notice each other in their order", () => {
  fc.assert(
    fc.property(fc.array(aCommand, { maxLength: 12 }), (commands) => {
      const rounds = roundsOf(commands);
      const placed = rounds.flat();
      assert.deepEqual(
        placed.map(({ index }) => index).toSorted((a, b) => a - b),
        commands.map((_, index) => index),
      );
      for (const { command, index } of placed) assert.equal(command, commands[index]);
      const roundOf = new Map(
        rounds.flatMap((round, number) => round.map(({ index }) => [index, number] as const)),
      );
      for (const [later, second] of commands.entries()) {
        for (const [earlier, first] of commands.slice(0, later).entries()) {
          const isApart = (roundOf.get(earlier) ?? 0) < (roundOf.get(later) ?? 0);
          if (meets(first, second)) assert.ok(isApart, `${first.verb} ${earlier}, ${second.verb} ${later}`);
        }
      }
    }),
    { numRuns: 500 },
  );
});

test("roundsOf() makes one round of what has nothing to do with each other", () => {
  const commands: Command[] = [
    ...Array.from({ length: 50 }, () => ({ verb: "insert", operation: anOperation() }) as const),
    ...Array.from(
      { length: 50 },
      () => ({ verb: "renew", id: anOperation().id, attempt: 1, leaseMs: 1, metadata: null }) as const,
    ),
    ...Array.from(
      { length: 50 },
      () => ({ verb: "replace", next: aFinishedOperation(), expectedRevision: 1 }) as const,
    ),
  ];
  assert.equal(roundsOf(commands).length, 1);
  assert.deepEqual(roundsOf([]), []);
});

test("freesPlace() is true of the end of an operation that holds a place", () => {
  const ended = aFinishedOperation({ parallelKey: "k" });
  assert.equal(freesPlace(ended), true);
  assert.equal(freesPlace({ ...ended, blocked: true }), false);
  assert.equal(freesPlace({ ...ended, parallelKey: null }), false);
  assert.equal(freesPlace(anOperation({ parallelKey: "k" })), false);
});
