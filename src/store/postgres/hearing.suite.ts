import assert from "node:assert/strict";
import { after } from "node:test";
import postgres from "postgres";
import type { Query } from "./database.ts";

/** What is told in a channel of a database. */
export interface Hearing {
  /** What has been told since the last question, all of it. */
  heard(): Promise<readonly string[]>;
}

/** Listens. */
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
      // Notices come in the order of their commits.
      await sql.notify(channel, MARK);
      await marked.promise;
      marked = Promise.withResolvers();
      return texts.splice(0);
    },
  };
}

const MARK = "mark";

/**
 * The database's processes that listen for channels, those of `except` left out, as soon as there are so many. A channel calls
 * itself once it listens to all of its topics: whoever has not called does not hear yet.
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
