import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { SHARDS } from "../../core/operation/id.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { aMigratedAddress, open, queryOf } from "./a-database.suite.ts";
import { CUT } from "./distribution.ts";
import { hotTexts, wideTexts } from "./rehearsal.ts";
import { ALL_SHARDS, byShard, EVERY_SHARD, ofShard, onShard, touchesAll, wantsSettings } from "./sharding.ts";
import { insertText, lockKeysText } from "./statements-insert.ts";
import * as statistics from "./statements-statistics.ts";
import { countText, keysText, tallyText, windowText } from "./statements-list.ts";
import { OVER, PURGE, READ, REMOVE, RENEW, REPLACE } from "./statements.ts";
import { CLAIM, LOOK } from "./statements-claim.ts";
import { LIVE } from "./statements-home.ts";
import { newResourceText } from "./statements-resource.ts";
import { planned } from "./statements-session.ts";

/** The statements that a distributed database does not run, with the reasons. */
const PLAIN_ONLY: Readonly<Record<string, string>> = {
  INSERT: "insertText is its twin",
  INSERT_NEW: "it tells as a part of the statement, and nobody listens to worker nodes",
  REPLACE_AND_TELL: "as INSERT_NEW",
  LOCK_KEYS: "lockKeysText is its twin",
  PUT_COUNTS: "putCountsText is its twin",
  ADD_FAILURES: "addFailuresText is its twin",
  PUT_PROCESS: "putProcessText is its twin",
  MAKE_COUNTS: "makeCountsText is its twin",
  NEW_RESOURCE: "newResourceText is its twin",
};
/** The statements that touch all servers once, when tables are distributed. */
const ONCE_ONLY = new Set(["KEYED"]);

/** The texts that functions build. */
const MADE: Readonly<Record<string, () => string>> = {
  insertText: () => insertText(17, 2),
  lockKeysText: () => lockKeysText(17, 2),
  putCountsText: () => statistics.putCountsText(17, 2),
  addFailuresText: () => statistics.addFailuresText(17, 2),
  putProcessText: () => statistics.putProcessText(17, 2),
  makeCountsText: () => statistics.makeCountsText(17, 2),
  newResourceText: () => newResourceText(17),
  keysText: () =>
    keysText({ scan: "state", states: ["PENDING", "FAILED"], descending: true, condition: "true" }, 9),
  windowText: () => windowText({ scan: "list", states: [], descending: true }, 9),
  countText: () => countText({ scan: "failures", states: ["FAILED"], descending: true }),
  tallyText: () =>
    tallyText({ scan: "state", states: ["PENDING", "FAILED"], descending: true, condition: "true" }, 9, 3),
};
/** Functions that build parts of texts, or texts that concern none of our tables. */
const NO_TEXTS = new Set([
  "told",
  "judged",
  "firstOf",
  "briefly",
  "dropIndex",
  "settle",
  "ask",
  "planned",
  "onNodes",
  "branchesOf",
]);

const IS_TEXT = /^\s*(?:\/\*[^*]*\*\/)?\s*(?:select|insert|update|delete|with)\s/;

async function everyText(): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  const files = readdirSync(import.meta.dirname).filter((file) => /^statements[\w-]*\.ts$/.test(file));
  for (const file of files) {
    const module = (await import(`./${file}`)) as Readonly<Record<string, unknown>>;
    for (const [name, value] of Object.entries(module)) {
      if (typeof value === "string" && IS_TEXT.test(value)) texts.set(name, value);
      if (typeof value !== "function" || NO_TEXTS.has(name)) continue;
      const text = MADE[name]?.();
      assert.ok(text !== undefined, `${file}: ${name} makes texts that nobody has judged`);
      texts.set(name, text);
    }
  }
  return texts;
}

/** The aliases of distributed tables in a text. */
function cutTables(text: string): readonly string[] {
  const table = new RegExp(
    String.raw`\b(?:from|join|update|using)\s+(${CUT.join("|")})\b(?:\s+(?!where|set|on|using|order)(\w+))?`,
    "g",
  );
  return Array.from(text.matchAll(table), ([, name = "", alias]) => alias ?? name);
}

const count = (items: readonly string[], item: string): number =>
  items.filter((each) => each === item).length;

test("every statement touches one shard, or says that it touches all", async () => {
  for (const [name, text] of await everyText()) {
    const tables = cutTables(text);
    if (name in PLAIN_ONLY || ONCE_ONLY.has(name) || tables.length === 0) continue;
    if (text.startsWith(ALL_SHARDS)) continue;
    const filled = onShard(text, 17);
    const compared = Array.from(filled.matchAll(/\band (\w+)\.shard = 17\b/g), ([, table = ""]) => table);
    for (const table of tables)
      assert.equal(
        count(compared, table),
        count(tables, table),
        `${name}: each use of ${table} needs /*${table}.shard*/, or the text ${ALL_SHARDS}`,
      );
    assert.ok(!touchesAll(filled), name);
  }
});

test("no statement is such that Citus refuses it", async () => {
  for (const [name, text] of await everyText()) {
    if (name in PLAIN_ONLY) continue;
    const isInto = new RegExp(String.raw`insert into (?:${CUT.join("|")})\b`).test(text);
    if (isInto) assert.match(text, /\bvalues\s+\(17, /, `${name}: rows of one shard come as values`);
    if (cutTables(text).length === 0) continue;
    assert.doesNotMatch(
      text,
      /\b(?:now|clock_timestamp|transaction_timestamp)\(/,
      `${name}: NOW tells the time`,
    );
    for (const [argument] of text.matchAll(/\b(?:coalesce\(|case\s)[^;]*?(?:\)|\bend\b)/g))
      assert.doesNotMatch(argument, /timestamp/, `${name}: firstOf() in the place of coalesce and case`);
    if (!text.startsWith(ALL_SHARDS)) continue;
    assert.doesNotMatch(
      text,
      /\blateral\b|\brecursive\b|not exists|for update/,
      `${name}: not over all shards`,
    );
  }
});

/** The subqueries of a text that stand where a table may, and have no alias. */
function unnamedSubqueries(text: string): readonly string[] {
  return Array.from(text.matchAll(/\b(?:from|join|lateral)\s*\(/g)).flatMap((match) => {
    const start = match.index + match[0].length;
    let end = start;
    for (let depth = 1; depth > 0; end++) {
      if (text[end] === "(") depth++;
      if (text[end] === ")") depth--;
    }
    const alias = /^\s*(?:as\s+)?([a-z_]+)/.exec(text.slice(end))?.[1];
    const isKeyword = /^(?:cross|group|join|left|limit|on|order|union|where)$/;
    return alias === undefined || isKeyword.test(alias) ? [text.slice(match.index, end)] : [];
  });
}

test("every subquery in the place of a table has an alias, which PostgreSQL 15 requires", async () => {
  assert.deepEqual(unnamedSubqueries("select * from (select 1) one, lateral (select (2)) where 1 = (3)"), [
    "lateral (select (2))",
  ]);
  for (const [name, text] of await everyText()) assert.deepEqual(unnamedSubqueries(text), [], name);
});

test("statements of one shard, and those of all, are valid on a database that is not distributed", async () => {
  const database = open(await aMigratedAddress());
  await database.transaction(async (query) => {
    for (const text of [...hotTexts(17), ...wideTexts()].flatMap(planned)) await query(text);
  });
});

test("onShard() fills each hole with the shard, and makes a text once", () => {
  const text = "select 1 from a o, b k where true /*o.shard*/ /*k.shard*/";
  assert.equal(onShard(text, 0), "select 1 from a o, b k where true and o.shard = 0 and k.shard = 0");
  assert.ok(!touchesAll(onShard(text, 63)));
  assert.ok(touchesAll(text));
});

test("ofShard() finds the rows of the shard only", async () => {
  const query = queryOf(open(await aMigratedAddress()));
  const operation = anOperation({ id: anOperation().id.replace(/..$/, "11") });
  const row = [operation.id, "{}", "m"];
  await query(
    `insert into operations (shard, id, parent, method, request, target, priority, attempts_max, state, revision, attempt,
      failed_attempts, create_time, time_to_live_ms, available_time, blocked)
    values (17, $1, '', $3, $2, '', 0, 1, 'PENDING', 1, 0, 0, 1, 1, 1, false)`,
    row,
  );
  const keys = ["{17}", `{${operation.id}}`];
  const found = await Promise.all(
    EVERY_SHARD.map((shard) => ofShard(query, shard)(READ, keys).then((rows) => rows.length)),
  );
  assert.deepEqual(
    found,
    EVERY_SHARD.map((shard) => (shard === 17 ? 1 : 0)),
  );
  assert.equal(EVERY_SHARD.length, SHARDS);
});

test("byShard() keeps every item, in its order", () => {
  const items = Array.from({ length: 200 }, () => anOperation());
  const groups = byShard(items, ({ id }) => id);
  assert.equal([...groups.values()].flat().length, items.length);
  for (const [shard, group] of groups) {
    const own = items.filter(({ id }) => Number.parseInt(id.slice(-2), 16) % SHARDS === shard);
    assert.deepEqual(group, own);
  }
});

test("wantsSettings() is true for statements that may wait for a lock or touch all shards, and false for a read by key", () => {
  for (const text of [CLAIM, REPLACE, RENEW, REMOVE, PURGE]) assert.ok(wantsSettings(onShard(text, 17)));
  for (const text of [insertText(17, 2), lockKeysText(17, 1), LOOK, READ]) assert.ok(wantsSettings(text));
  for (const text of [onShard(READ, 17), onShard(OVER, 17), LIVE, "create table operations ()"])
    assert.ok(!wantsSettings(text), text);
});
