import type { Command } from "../../core/store.ts";
import { isDone } from "../../core/operation.ts";

/** A command and its place in the batch. */
export interface Placed<C extends Command = Command> {
  readonly command: C;
  readonly index: number;
}

/**
 * Cuts a batch into rounds that are carried out one after the other. In a round no command can notice another, so that all of
 * one verb are one statement, and the statements of a round go out together. Nearly every batch is one round.
 */
export function roundsOf(commands: readonly Command[]): readonly (readonly Placed[])[] {
  const rounds: Placed[][] = [];
  let claimed = new Map<string, string>();
  for (const [index, command] of commands.entries()) {
    const keys = keysOf(command);
    const isAlone = keys === undefined;
    const meets = isAlone || keys.some(([key, verb]) => conflicts(claimed, key, verb));
    if (meets || rounds.length === 0) {
      rounds.push([]);
      claimed = new Map();
    }
    rounds.at(-1)?.push({ command, index });
    for (const [key, verb] of keys ?? [[EVERYTHING, ""] as const]) claimed.set(key, verb);
  }
  return rounds;
}

/** What a claim or a purge meets. */
const EVERYTHING = "*";

function conflicts(claimed: ReadonlyMap<string, string>, key: string, verb: string): boolean {
  if (claimed.has(EVERYTHING)) return true;
  const before = claimed.get(key);
  return before !== undefined && (verb === "" || before !== verb);
}

/**
 * What a command may notice of others: an id, a request id, places of a key. The second is a verb that does not mind itself,
 * or empty. Undefined for a command that may notice everything.
 */
function keysOf(command: Command): readonly (readonly [key: string, verb: string])[] | undefined {
  switch (command.verb) {
    case "insert": {
      const { id, parent, method, requestId } = command.operation;
      const request = requestId === null ? [] : [[`${parent}\0${method}\0${requestId}`, ""] as const];
      const places = command.parallel === undefined ? [] : [[PLACES, "insert"] as const];
      return [[id, ""], ...request, ...places];
    }
    case "replace":
      return [[command.next.id, ""], ...(freesPlace(command.next) ? [[PLACES, "replace"] as const] : [])];
    case "renew":
      return [[command.id, ""]];
    case "remove":
      return [
        [command.id, ""],
        [PLACES, "remove"],
      ];
    case "claim":
    case "purge":
      return undefined;
  }
}

const PLACES = "places";

/** Whether the record gives up a place of its method and key, if it is stored. */
export function freesPlace(
  next: Parameters<typeof isDone>[0] & { parallelKey: string | null; blocked: boolean },
): boolean {
  return isDone(next) && next.parallelKey !== null && !next.blocked;
}
