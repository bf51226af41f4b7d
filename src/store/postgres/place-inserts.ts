import { invariant } from "../../core/invariant.ts";
import type { Change, InsertAnswer, InsertCommand } from "../../core/ports/store.ts";
import { elementsOf } from "./array.ts";
import type { Query } from "./database.ts";
import { accepted, type Answered, existingOf, insertRows, keyOf, known, recordOf } from "./inserts.ts";
import { type Counts, type Key, keyText, lock, type Places, placesOf, unblock } from "./places.ts";
import type { Prepared } from "./prepared.ts";
import { toInsertRow } from "./row.ts";

type Insert = Prepared<InsertCommand>;

/** The decision about a start whose key is locked. */
type Decision =
  /** It was stored before, or it is refused. */
  | { readonly answered: Answered<InsertAnswer> }
  /** It is to be stored, with a place or blocked. */
  | { readonly places: Places; readonly blocked: boolean };

/** Stores an operation with a key, in the transaction of a caller. */
export async function insertWithPlace(query: Query, insert: Insert): Promise<Answered<InsertAnswer>> {
  await lock(query, [keyOf(insert.command.operation)]);
  const [answered] = await insertLocked(query, [insert]);
  invariant(answered !== undefined, "an insert is answered");
  return answered;
}

/**
 * Stores operations whose keys are locked. They take places in their order. The number of round
 * trips does not depend on the number of operations, because other processes wait for the keys.
 *
 * @returns the answers in the order of the inserts; changes of other operations belong to the last
 *   stored one
 */
export async function insertLocked(
  query: Query,
  inserts: readonly Insert[],
): Promise<readonly Answered<InsertAnswer>[]> {
  if (inserts.length === 0) return [];
  const operations = inserts.map(({ command }) => command.operation);
  const [existing, places] = await Promise.all([
    existingOf(query, operations),
    placesOf(query, limitsOf(inserts)),
  ]);
  const decisions = inserts.map((insert): Decision => {
    const { operation } = insert.command;
    if (recordOf(operation, existing) === undefined) return decide(insert, places);
    return { answered: known(operation, existing, insert.isRepeated) };
  });
  return store(query, inserts, decisions);
}

/** Takes a place for a new operation if there is one. */
function decide({ command }: Insert, all: ReadonlyMap<string, Places>): Decision {
  const { operation } = command;
  const places = all.get(keyText(keyOf(operation)));
  invariant(places !== undefined, "the places of each key were read");
  const isFree = places.held < limitOf(command) && !places.waits;
  if (isFree) places.held++;
  else if (command.parallel?.when === "reject")
    return { answered: { answer: { inserted: false, occupied: true }, changes: [] } };
  else places.waits = true;
  return { places, blocked: !isFree };
}

async function store(
  query: Query,
  inserts: readonly Insert[],
  decisions: readonly Decision[],
): Promise<readonly Answered<InsertAnswer>[]> {
  const rows = inserts.flatMap(({ command, row }, index) => {
    const decision = decisions[index];
    if (decision === undefined || "answered" in decision) return [];
    return [decision.blocked ? elementsOf(toInsertRow(command.operation, true)) : row];
  });
  const stored = rows.length === 0 ? new Set<string>() : await insertRows(query, rows);
  const lost = inserts.filter(({ command: { operation } }, index) => {
    const decision = decisions[index];
    if (decision === undefined || "answered" in decision || stored.has(operation.id)) return false;
    // Another transaction has stored the request id meanwhile, so the place is free.
    if (!decision.blocked) decision.places.held--;
    return true;
  });
  const operationsOfLost = lost.map(({ command }) => command.operation);
  const winners = lost.length === 0 ? [] : await existingOf(query, operationsOfLost);
  const unblocked = await unblock(query, roomOf(inserts, decisions));
  const ids = new Set(unblocked.map(({ id }) => id));
  const answers = inserts.map(({ command: { operation }, isRepeated }, index): Answered<InsertAnswer> => {
    const decision = decisions[index];
    invariant(decision !== undefined, "each insert was decided");
    if ("answered" in decision) return decision.answered;
    if (!stored.has(operation.id)) return known(operation, winners, isRepeated);
    return accepted(operation, decision.blocked && !ids.has(operation.id));
  });
  return withOthers(answers, unblocked);
}

/** Adds changes of other operations behind all own changes, which may be older ones of the same. */
function withOthers(
  answers: readonly Answered<InsertAnswer>[],
  others: readonly Change[],
): readonly Answered<InsertAnswer>[] {
  return answers.map((each, index) =>
    index === answers.length - 1 ? { ...each, changes: [...each.changes, ...others] } : each,
  );
}

/** The free places of keys in whose queues operations were stored: more, if a limit was raised. */
function roomOf(inserts: readonly Insert[], decisions: readonly Decision[]): Counts {
  const room = new Map<string, { readonly key: Key; readonly count: number }>();
  for (const [index, { command }] of inserts.entries()) {
    const decision = decisions[index];
    if (decision === undefined || "answered" in decision || !decision.blocked) continue;
    const key = keyOf(command.operation);
    room.set(keyText(key), { key, count: limitOf(command) - decision.places.held });
  }
  return room;
}

/** The limit of each key. */
function limitsOf(inserts: readonly Insert[]): Counts {
  return new Map(
    inserts.map(({ command }) => {
      const key = keyOf(command.operation);
      return [keyText(key), { key, count: limitOf(command) }];
    }),
  );
}

function limitOf({ parallel }: InsertCommand): number {
  invariant(parallel !== undefined, "an operation with a key comes with its limit");
  return parallel.limit;
}
