import assert from "node:assert/strict";
import { after } from "node:test";
import postgres from "postgres";
import type { Query } from "./database.ts";

/** The messages in a channel of a database. */
export interface Hearing {
  /** All messages since the last call. */
  heard(): Promise<readonly string[]>;
}

/** Listens to a channel. */
export async function hearing(address: string, channel: string): Promise<Hearing> {
  const sql = postgres(address, { max: 1, onnotice: () => {} });
  after(() => sql.end());
  const texts: string[] = [];
  let marked = Promise.withResolvers<void>();
  await sql.listen(channel, (text) => {
    if (text === MARK) marked.resolve();
    else texts.push(text);
  });
  return {
    async heard() {
      // Notices arrive in the order of their commits.
      await sql.notify(channel, MARK);
      await marked.promise;
      marked = Promise.withResolvers();
      return texts.splice(0);
    },
  };
}

const MARK = "mark";

/**
 * The database's processes that listen for channels, without those of `except`, as soon as there
 * are `count` of them. A channel calls itself once it listens to all of its topics, so a process
 * that has not called is not ready.
 */
export async function listeners(
  query: Query,
  count: number,
  except: readonly number[] = [],
): Promise<readonly number[]> {
  for (let looks = 0; looks < LOOKS; looks++) {
    const rows = await query(
      `select pid from pg_stat_activity
      where datname = current_database() and application_name like 'longrunning listener%' and query like '%pg_notify%'`,
    );
    const found = rows.map(([pid]) => Number(pid)).filter((pid) => !except.includes(pid));
    if (found.length === count) return found;
  }
  return assert.fail(`there are never ${count} that listen`);
}

/** Some seconds. */
const LOOKS = 20_000;
