import type { Random } from "../../core/ports/random.ts";
import type { Database } from "./database.ts";
import { retrying } from "./retry.ts";
import * as statements from "./statements.ts";
import * as claims from "./statements-claim.ts";
import * as homes from "./statements-home.ts";
import * as inserts from "./statements-insert.ts";
import { ALL_SHARDS, onShard, touchesAll } from "./sharding.ts";
import { EXPLAINED_HERE, planned, PLANNED_EACH_TIME } from "./statements-session.ts";

/**
 * Makes the database plan every statement that a server needs, without running any. A statement
 * that it can never run then fails when the store is opened, and not for the first caller. Missing
 * rights are found as well.
 */
export async function rehearseAll(
  database: Pick<Database, "transaction">,
  random: Random,
  isDistributed = false,
): Promise<void> {
  const texts = isDistributed
    ? [EXPLAINED_HERE, ...hotTexts(0).flatMap(planned), PLANNED_EACH_TIME, ...wideTexts().flatMap(planned)]
    : rehearsed().flatMap(planned);
  await retrying(random, () =>
    // All are sent together; the error is that of the first that fails.
    database.transaction((query) => Promise.all(texts.map((text) => query(text))).then(() => undefined)),
  );
}

/** On a distributed database: the statements that touch one shard. */
export function hotTexts(shard: number): readonly string[] {
  const texts = rehearsed().filter((text) => !touchesAll(onShard(text, shard)) && !ELSEWHERE.has(text));
  return [
    ...texts.map((text) => onShard(text, shard)),
    inserts.insertText(shard, 1),
    inserts.lockKeysText(shard, 1),
  ];
}

/** On a distributed database: the statements that touch all shards. */
export function wideTexts(): readonly string[] {
  return [
    ...rehearsed()
      .filter(touchesAll)
      .filter((text) => text.includes(ALL_SHARDS)),
    statements.READ,
  ];
}

/** Has variants for a distributed database, or concerns no distributed table. */
const ELSEWHERE: ReadonlySet<string> = new Set([
  inserts.INSERT,
  inserts.INSERT_NEW,
  inserts.LOCK_KEYS,
  statements.REPLACE_AND_TELL,
  statements.NOTIFY,
  statements.NOTIFY_ALL,
]);

/** The texts that are whole statements, and not parts of one. */
export function rehearsed(): readonly string[] {
  return [statements, inserts, claims, homes]
    .flatMap((texts) => Object.values<unknown>({ ...texts }))
    .filter(
      (value): value is string =>
        typeof value === "string" &&
        /^(?:\/\* all shards \*\/)?\s*(?:select|insert|update|delete|with)\s/.test(value),
    );
}
