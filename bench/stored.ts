import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { createHash } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { call, type Setting, startOperation, startServer } from "./measure.ts";

/** Kept between runs, because making a million operations takes a while. */
const CACHE = join(tmpdir(), "longrunning-bench");
const SQL = join(import.meta.dirname, "..", "sql", "sqlite");
/** The operations are kept for 30 days, so an older file would be purged during the measure. */
const AGE_MS_MAX = 7 * 24 * 3_600_000;
/** Every so many stored operations one failed; all others succeeded. */
const FAILED_ONE_IN = 1_000;

/**
 * A file with `count` finished operations, with create times one millisecond apart. The server
 * makes one of them; SQL copies it in bulk, with other ids.
 */
export async function storedOperations(setting: Setting, count: number): Promise<string> {
  mkdirSync(CACHE, { recursive: true });
  const path = join(CACHE, `stored-${count}-${shapeOfFiles()}.db`);
  if (existsSync(path) && Date.now() - statSync(path).mtimeMs < AGE_MS_MAX) return path;
  const partial = `${path}.partial`;
  for (const suffix of ["", "-wal", "-shm"]) rmSync(`${partial}${suffix}`, { force: true });
  await makeTemplate(setting, partial);
  copyTemplate(partial, count);
  renameSync(partial, path);
  return path;
}

/** Paths of `count` stored operations, evenly spread over all of them. */
export function storedPaths(file: string, count: number): readonly string[] {
  const database = new DatabaseSync(file, { readOnly: true });
  const { total } = database.prepare("select max(rowid) as total from operations").get() as { total: number };
  const rows = database
    .prepare("select id from operations where rowid % :step = 0 order by rowid limit :count")
    .all({ step: Math.max(1, Math.floor(total / count)), count }) as { id: string }[];
  database.close();
  return rows.map(({ id }) => `/v1/operations/${id}`);
}

async function makeTemplate(setting: Setting, file: string): Promise<void> {
  await using server = await startServer(setting, { file });
  const path = await startOperation(server.url, "echo", { text: "What was asked for comes back." });
  await call(server.url, `${path}:wait`, {});
}

function copyTemplate(file: string, count: number): void {
  const database = new DatabaseSync(file);
  database.exec("pragma synchronous = off; pragma journal_mode = off; pragma cache_size = -262144");
  const columns = database.prepare("select name from pragma_table_info('operations')").all() as {
    name: string;
  }[];
  const values = columns.map(({ name }) => COPIED[name] ?? `template.${name}`);
  database
    .prepare(
      `insert into operations (${columns.map(({ name }) => name).join(", ")})
       with recursive copy (n) as (select 1 union all select n + 1 from copy where n < :count)
       select ${values.join(", ")} from (select * from operations limit 1) as template, copy`,
    )
    .run({ count: count - 1 });
  database.exec("analyze; pragma journal_mode = wal");
  database.close();
}

const FAILED = `copy.n % ${FAILED_ONE_IN} = 0`;
const TIME = "template.create_time - 10000000 + copy.n";
const FAILURE = JSON.stringify({ code: "ABORTED", message: "It was not to be.", details: [] });

/**
 * The differences between the copies. The ids are UUIDv7 of the copies' times; they end like the
 * template's id.
 */
const COPIED: Readonly<Record<string, string>> = {
  id: `printf('%s-%s-7%03x-8%03x-%08x%s', substr(printf('%012x', ${TIME}), 1, 8), substr(printf('%012x', ${TIME}), 9),
    copy.n % 4096, abs(random()) % 4096, abs(random()) % 4294967296, substr(template.id, 33))`,
  state: `case when ${FAILED} then 'FAILED' else template.state end`,
  response_type: `case when not ${FAILED} then template.response_type end`,
  response: `case when not ${FAILED} then template.response end`,
  error: `case when ${FAILED} then '${FAILURE}' end`,
  create_time: TIME,
  start_time: TIME,
  end_time: `${TIME} + 1`,
  expire_time: `${TIME} + 1 + template.time_to_live_ms`,
};

/** Changed whenever the content of such files changes. */
function shapeOfFiles(): string {
  const hash = createHash("sha256").update(readFileSync(import.meta.filename));
  for (const file of readdirSync(SQL).toSorted()) hash.update(readFileSync(join(SQL, file)));
  return hash.digest("hex").slice(0, 12);
}
