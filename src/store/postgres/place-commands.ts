import type {
  AnswerTo,
  Change,
  Command,
  InsertCommand,
  RemoveCommand,
  ReplaceCommand,
} from "../../core/ports/store.ts";
import type { Query } from "./database.ts";
import { type Answered, insertLocked, keyOf } from "./inserts.ts";
import { drop, type Key, lock, unblockFreed } from "./places.ts";
import type { Prepared } from "./prepared.ts";
import { removeLocked } from "./removals.ts";
import { replaceAll } from "./replaces.ts";

/** A command that takes or gives up a place of a key. The key of a removal is null where its record has none. */
export type PlaceCommand = Prepared<InsertCommand | ReplaceCommand | RemoveCommand> & {
  readonly key: Key | null;
};

/** A command that starts or ends an operation of a key. */
export function withKey<C extends InsertCommand | ReplaceCommand>(
  prepared: Prepared<C>,
): Prepared<C> & { readonly key: Key } {
  const { command } = prepared;
  return Object.assign(prepared, {
    key: keyOf(command.verb === "insert" ? command.operation : command.next),
  });
}

/**
 * Carries out commands that change the places of keys, in one transaction: first those that give places up, then who waits
 * for these is unblocked, then new operations come. The transaction of an earlier try unblocked the next.
 *
 * @returns the answers in the order of the commands; who was unblocked is told with the first of them
 */
export async function changePlaces(
  query: Query,
  commands: readonly PlaceCommand[],
): Promise<readonly Answered<AnswerTo<Command>>[]> {
  const keys = commands.flatMap(({ key }) => key ?? []);
  if (keys.length > 0) await lock(query, keys);
  const answers = new Map<PlaceCommand, Answered<AnswerTo<Command>>>();
  const freed = [
    ...(await end(query, commands.filter(isReplacement), answers)),
    ...(await remove(query, commands.filter(isRemoval), answers)),
  ];
  const unblocked: Change[] = [...(await unblockFreed(query, freed))];
  for (const command of commands.filter(isInsertion))
    answers.set(command, await insertLocked(query, command));
  await drop(query, freed);
  return commands.map((command, index) => {
    const answered = answers.get(command) ?? { answer: { removed: false }, changes: [] };
    return index === 0 ? { ...answered, changes: [...answered.changes, ...unblocked] } : answered;
  });
}

/** Ends operations. @returns the key of each place that was given up */
async function end(
  query: Query,
  ends: readonly (PlaceCommand & Prepared<ReplaceCommand>)[],
  answers: Map<PlaceCommand, Answered<AnswerTo<Command>>>,
): Promise<readonly Key[]> {
  if (ends.length === 0) return [];
  const replaced = await replaceAll(query, ends);
  return ends.flatMap((command, index) => {
    const answered = replaced[index];
    if (answered !== undefined) answers.set(command, answered);
    return answered?.isNew === true && command.key !== null ? [command.key] : [];
  });
}

/** Removes operations. @returns the key of each place that was given up */
async function remove(
  query: Query,
  removals: readonly (PlaceCommand & Prepared<RemoveCommand>)[],
  answers: Map<PlaceCommand, Answered<AnswerTo<Command>>>,
): Promise<readonly Key[]> {
  const freed: Key[] = [];
  for (const removal of removals) {
    const removed = await removeLocked(query, removal);
    answers.set(removal, removed);
    if (removed.freed && removal.key !== null) freed.push(removal.key);
  }
  return freed;
}

function isInsertion(command: PlaceCommand): command is PlaceCommand & Prepared<InsertCommand> {
  return command.command.verb === "insert";
}

function isReplacement(command: PlaceCommand): command is PlaceCommand & Prepared<ReplaceCommand> {
  return command.command.verb === "replace";
}

function isRemoval(command: PlaceCommand): command is PlaceCommand & Prepared<RemoveCommand> {
  return command.command.verb === "remove";
}
