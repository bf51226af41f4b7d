import { StatusError } from "../../core/error/error.ts";
import { fieldError } from "../../core/error/violations.ts";
import { LIMITS } from "../../core/limits.ts";

/** An entry of a call; an invalid entry is replaced by its error. */
export type Entry<T> = T | StatusError;

/** The functions that read entries. */
export interface EntryReading<T> {
  /** The field of the list, such as `completions`. */
  readonly field: string;
  /** @param place such as `completions[3]` @throws {StatusError} for an invalid entry */
  readonly read: (value: unknown, place: string) => T;
  /** The number of characters in an entry's payloads. */
  readonly textOf: (entry: T) => number;
  /** Yields the event loop. */
  readonly nextTurn: () => Promise<void>;
}

/**
 * Reads the entries of a call independently: an invalid entry does not affect the others. Many or
 * large entries are read in several turns of the event loop.
 *
 * @throws {StatusError} INVALID_ARGUMENT CLAIM_INVALID if there are none, or more than
 * `LIMITS.remoteEntriesMax`
 */
export async function readEntries<T>(
  list: readonly unknown[],
  { field, read, textOf, nextTurn }: EntryReading<T>,
): Promise<readonly Entry<T>[]> {
  const { remoteEntriesMax, remoteEntriesPerTurn, remoteTextPerTurn } = LIMITS;
  if (list.length === 0 || list.length > remoteEntriesMax) {
    const description = `Invalid value at '${field}': expected 1 to ${remoteEntriesMax} entries, got ${list.length}.`;
    throw fieldError("CLAIM_INVALID", { field, description });
  }
  const entries: Entry<T>[] = [];
  let text = 0;
  for (const [index, value] of list.entries()) {
    const entry = entryOf(() => read(value, `${field}[${index}]`));
    entries.push(entry);
    text += entry instanceof StatusError ? 0 : textOf(entry);
    if (text < remoteTextPerTurn && entries.length % remoteEntriesPerTurn !== 0) continue;
    text = 0;
    if (entries.length < list.length) await nextTurn();
  }
  return entries;
}

function entryOf<T>(read: () => T): Entry<T> {
  try {
    return read();
  } catch (error) {
    if (error instanceof StatusError) return error;
    throw error;
  }
}

/**
 * Sends the valid entries together, and returns all answers in the order of the entries.
 *
 * @param refused makes the answer to an invalid entry
 */
export async function answeredEntries<T, A>(
  entries: readonly Entry<T>[],
  send: (entries: readonly T[]) => Promise<readonly A[]>,
  refused: (error: StatusError) => A,
): Promise<readonly A[]> {
  const meant = entries.filter((each): each is T => !(each instanceof StatusError));
  const sent = meant.length === 0 ? [] : await send(meant);
  let next = 0;
  return entries.map((each) => (each instanceof StatusError ? refused(each) : (sent[next++] as A)));
}
