import { after } from "node:test";
import postgres from "postgres";

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
