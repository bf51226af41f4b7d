import type {
  AnswerTo,
  Change,
  Command,
  InsertCommand,
  RemoveCommand,
  ReplaceCommand,
} from "../../core/ports/store.ts";
import type { Query } from "./database.ts";
import { changeOf } from "../cells.ts";
import { type Answered, insertRows, keyOf } from "./inserts.ts";
import { insertLocked } from "./place-inserts.ts";
import { drop, type Key, lock, unblockFreed } from "./places.ts";
import { alongOf, type Prepared } from "./prepared.ts";
import { removeLocked } from "./removals.ts";
import { replaceAll } from "./replaces.ts";

/**
 * A command that takes or gives up a place of a key, or stores operations together with its change.
 * Its key is null if it concerns no place.
 */
export type PlaceCommand = Prepared<InsertCommand | ReplaceCommand | RemoveCommand> & {
  readonly key: Key | null;
};

/** A command that starts or ends an operation with a key. */
export function withKey<C extends InsertCommand | ReplaceCommand>(
  prepared: Prepared<C>,
): Prepared<C> & { readonly key: Key } {
  const { command } = prepared;
  return Object.assign(prepared, {
    key: keyOf(command.verb === "insert" ? command.operation : command.next),
  });
}

/** The results so far in a transaction. */
interface Done {
  readonly answers: Map<PlaceCommand, Answered<AnswerTo<Command>>>;
  /** Commands that changed their record in this attempt, not in an earlier one. */
  readonly made: PlaceCommand[];
}

/**
 * Carries out commands that change places, or store operations together with their change, in one
 * transaction: first the commands that give places up, then the unblocking of waiting operations,
 * then new operations. If an earlier attempt was committed, it did all of this.
 *
 * @returns the answers in the order of the commands; other changes are part of the first answer
 */
export async function changePlaces(
  query: Query,
  commands: readonly PlaceCommand[],
): Promise<readonly Answered<AnswerTo<Command>>[]> {
  const keys = commands.flatMap(({ key }) => key ?? []);
  if (keys.length > 0) await lock(query, keys);
  const done: Done = { answers: new Map(), made: [] };
  const { answers } = done;
  const freed = [
    ...(await end(query, commands.filter(isReplacement), done)),
    ...(await remove(query, commands.filter(isRemoval), done)),
  ];
  const others = [...(await unblockFreed(query, freed)), ...(await storeAlong(query, done.made))];
  const inserts = commands.filter(isInsertion);
  const inserted = await insertLocked(query, inserts);
  for (const [index, command] of inserts.entries()) {
    const answered = inserted[index];
    if (answered !== undefined) answers.set(command, answered);
  }
  await drop(query, freed);
  return commands.map((command, index) => {
    const answered = answers.get(command) ?? { answer: { removed: false }, changes: [] };
    return index === 0 ? { ...answered, changes: [...answered.changes, ...others] } : answered;
  });
}

/** Ends operations. @returns the keys of the places given up, one entry per place */
async function end(
  query: Query,
  ends: readonly (PlaceCommand & Prepared<ReplaceCommand>)[],
  { answers, made }: Done,
): Promise<readonly Key[]> {
  if (ends.length === 0) return [];
  const replaced = await replaceAll(query, ends);
  return ends.flatMap((command, index) => {
    const answered = replaced[index];
    if (answered !== undefined) answers.set(command, answered);
    if (answered?.isNew === true) made.push(command);
    return answered?.isNew === true && command.key !== null ? [command.key] : [];
  });
}

/** Removes operations. @returns the keys of the places given up, one entry per place */
async function remove(
  query: Query,
  removals: readonly (PlaceCommand & Prepared<RemoveCommand>)[],
  { answers, made }: Done,
): Promise<readonly Key[]> {
  if (removals.length === 0) return [];
  const removed = await removeLocked(query, removals);
  return removals.flatMap((removal, index) => {
    const answered = removed[index];
    if (answered === undefined) return [];
    answers.set(removal, answered);
    if (answered.changes.length > 0) made.push(removal);
    return answered.freed && removal.key !== null ? [removal.key] : [];
  });
}

/** Stores the operations that belong to the changes made. */
async function storeAlong(query: Query, made: readonly PlaceCommand[]): Promise<readonly Change[]> {
  const rows = made.flatMap(({ along }) => along);
  if (rows.length === 0) return [];
  await insertRows(query, rows);
  return made.flatMap(({ command }) => alongOf(command)).map(changeOf);
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
