import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import postgres from "postgres";
import { z } from "zod";
import { postgresForTests } from "../../test/support/postgres.ts";
import { StatusError } from "../core/error/error.ts";
import { defineMethod } from "../core/method/method.ts";
import { Database } from "../store/postgres/database.ts";
import { openStore } from "../store/open.ts";
import { openOperations } from "./open.ts";
import type { OpenedOperations } from "./opened-operations.ts";
import type { OpenOptions } from "./options.ts";

const server = await postgresForTests();
after(() => server[Symbol.asyncDispose]());
const folder = mkdtempSync(join(tmpdir(), "longrunning-encryption-"));
after(() => rmSync(folder, { recursive: true }));
let files = 0;

/** A file with a different key for each number. */
function aKey(number: number): string {
  const path = join(folder, `kek-${number}`);
  writeFileSync(path, Buffer.alloc(32, number).toString("base64"));
  return `file:${path}`;
}

interface Subject {
  readonly address: string;
  /** All stored data, as text. */
  readonly dump: () => Promise<string>;
}

const STORES: Readonly<Record<string, () => Promise<Subject>>> = {
  SQLite: async () => {
    const name = `${++files}.db`;
    const dump = async (): Promise<string> =>
      readdirSync(folder)
        .filter((each) => each.startsWith(name))
        .map((each) => readFileSync(join(folder, each), "latin1"))
        .join("");
    return { address: `sqlite:${join(folder, name)}`, dump };
  },
  PostgreSQL: async () => {
    const address = await server.createDatabase();
    return { address, dump: () => dumpOf(address) };
  },
};

/** All rows of all tables, as text. */
async function dumpOf(address: string): Promise<string> {
  const database = new Database({ address, connections: 1 });
  try {
    const tables = await database.query(
      "select quote_ident(table_name) from information_schema.tables where table_schema = 'public'",
    );
    const rows = [];
    for (const [table] of tables)
      rows.push(...(await database.query(`select t::text from ${String(table)} t`)));
    return rows.flat().join("\n");
  } finally {
    await database.close();
  }
}

/** A method that writes a word into every field that can contain it. */
const work = defineMethod({
  name: "work",
  request: z.object({ word: z.string(), how: z.enum(["succeeds", "fails", "breaks"]) }),
  response: z.object({ word: z.string() }),
  metadata: z.object({ statusMessage: z.string(), progressPercent: z.number() }),
  retry: { attempts: 2, initialDelay: "1ms", maxDelay: "1ms" },
  run: ({ word, how }, context) => {
    context.report({ statusMessage: `${word} reported`, progressPercent: 50 });
    if (how === "succeeds") return { word: `${word} answered` };
    if (how === "breaks") throw new Error(`${word} thrown`);
    const details = [{ "@type": "type.googleapis.com/google.rpc.LocalizedMessage", message: `${word} told` }];
    throw new StatusError("ABORTED", `${word} failed`, { details });
  },
});

/** Opens operations that are stopped after the test in any case. */
async function open(address: string, options: Partial<OpenOptions> = {}): Promise<OpenedOperations> {
  const own = { methods: [work], store: address, postgres: { connections: 2, listen: false } };
  const operations = await openOperations({ ...own, ...options });
  after(() => operations.stop());
  return operations;
}

const ENCRYPTED = { encryption: { keks: [aKey(1)] } };

const WORD = "canary";
const PARENT = "projects/p";

for (const [name, aStore] of Object.entries(STORES)) {
  describe(`encryption on ${name}`, () => {
    it("leaves no text of a payload in the store, and returns all of it", async () => {
      const { address, dump } = await aStore();
      const first = await open(address, ENCRYPTED);
      const names: string[] = [];
      for (const how of ["succeeds", "fails", "breaks"] as const) {
        const started = await first.start(work, { word: WORD, how }, { parent: PARENT });
        names.push((await first.wait(started.name)).name);
      }
      const waiting = await first.start(work, { word: WORD, how: "succeeds" }, { delay: "1h" });
      const whileOpen = await dump();
      await first.stop();
      for (const text of [whileOpen, await dump()]) {
        assert.ok(text.includes("work") && text.includes(PARENT), "names can be read");
        assert.ok(!text.includes(WORD), text.slice(text.indexOf(WORD) - 300, text.indexOf(WORD) + 30));
      }
      const kept = await openStore(address);
      const sealed = await Promise.all([...names, waiting.name].map((each) => kept.read(each.slice(-36))));
      await kept.close();
      assert.ok(!JSON.stringify(sealed).includes(WORD));

      const next = await open(address, { ...ENCRYPTED, worker: false });
      const [done, failed, broken] = await Promise.all(names.map((each) => next.get(each, work)));
      assert.deepEqual(done?.response, { word: "canary answered" });
      assert.equal(failed?.error?.message, "canary failed");
      assert.match(JSON.stringify(failed?.error?.details), /canary told/);
      assert.match(JSON.stringify(broken?.error?.details), /HANDLER_FAILED/);
      const { operations } = await next.list({ parent: PARENT });
      assert.deepEqual(
        operations.map((each) => each.metadata),
        names.map(() => ({ statusMessage: "canary reported", progressPercent: 50 })),
      );
      await next.stop();
    });

    it("reads operations from before it was switched on, and after it was switched off", async () => {
      const { address, dump } = await aStore();
      const start = async (options: Partial<OpenOptions>, word: string): Promise<string> => {
        const operations = await open(address, options);
        const { name: started } = await operations.start(work, { word, how: "succeeds" });
        await operations.wait(started);
        await operations.stop();
        return started;
      };
      const keks = [aKey(1)];
      const names = [
        await start({}, "plain"),
        await start({ encryption: { keks } }, WORD),
        await start({ encryption: { keks, encrypt: false } }, "open"),
      ];
      const text = await dump();
      assert.deepEqual(
        ["plain answered", "canary answered", "open answered"].map((each) => text.includes(each)),
        [true, false, true],
      );
      const operations = await open(address, { ...ENCRYPTED, worker: false });
      const found = await Promise.all(names.map((each) => operations.get(each, work)));
      assert.deepEqual(
        found.map(({ response }) => response?.word),
        ["plain answered", "canary answered", "open answered"],
      );
      await operations.stop();
    });

    it("does not start without a key that the store needs, and names the key", async () => {
      const { address } = await aStore();
      const first = await open(address, ENCRYPTED);
      const { name: started } = await first.start(work, { word: WORD, how: "succeeds" });
      await first.wait(started);
      await first.stop();
      const refused = { code: "FAILED_PRECONDITION", message: /the KEK [\da-f]{16}, which .* --kek/ };
      await assert.rejects(open(address), refused);
      await assert.rejects(open(address, { encryption: { keks: [aKey(2)] } }), refused);
      const both = await open(address, { encryption: { keks: [aKey(2), aKey(1)] } });
      assert.deepEqual((await both.get(started, work)).response, { word: "canary answered" });
      await both.stop();
    });
  });
}

it("encrypts what is started in a caller's transaction", async () => {
  const address = await server.createDatabase();
  const operations = await open(address, { ...ENCRYPTED, worker: false });
  const sql = postgres(address, { max: 1, onnotice: () => {} });
  try {
    const request = { word: WORD, how: "succeeds" } as const;
    const start = () =>
      sql.begin((transaction) => operations.start(work, request, { transaction, requestId: "once" }));
    const { name } = (await start()) as { readonly name: string };
    assert.ok(!(await dumpOf(address)).includes(WORD));
    // The same start again; its request is decrypted for the comparison.
    assert.equal(((await start()) as { readonly name: string }).name, name);
  } finally {
    await sql.end();
  }
});

it("has a key for each tenant, as the options define tenants", async () => {
  const { address } = (await STORES["SQLite"]?.()) ?? assert.fail();
  const operations = await open(address, {
    ...ENCRYPTED,
    access: { tenants: ["organizations/*/projects/*"] },
    worker: false,
  });
  for (const parent of [
    "organizations/o/projects/p/locations/l",
    "organizations/o/projects/q",
    "folders/f/x/y",
  ])
    await operations.start(work, { word: WORD, how: "succeeds" }, { parent });
  await operations.stop();
  const kept = await openStore(address);
  const keys = await kept.resources.list("data-key", 9);
  await kept.close();
  const tenants = keys
    .map(({ value }) => (JSON.parse(value) as { readonly tenant: string }).tenant)
    .toSorted();
  assert.deepEqual(tenants, ["folders/f", "organizations/o/projects/p", "organizations/o/projects/q"]);
});

it("does nothing without a key", async () => {
  const refused = { name: "TypeError", message: /encryption\.keks|no KEK/ };
  for (const encryption of [{}, { encrypt: true }, { keks: [] }])
    await assert.rejects(open("sqlite::memory:", { encryption } as unknown as OpenOptions), refused);
  const unknown = { encryption: { key: "a" } } as unknown as OpenOptions;
  await assert.rejects(open("sqlite::memory:", unknown), { name: "TypeError", message: /key/ });
});

it("does not start if a key is unavailable or invalid, and says what to do", async () => {
  const noKey = join(folder, "short");
  writeFileSync(noKey, "abc");
  for (const [source, message] of [
    ["file:/nowhere", /file:\/nowhere cannot be read: ENOENT: .*\. Give the path of a file/],
    ["env:NO_SUCH_KEK", /env:NO_SUCH_KEK cannot be read: the variable is not set/],
    ["exec:exit 3", /exec:exit 3 cannot be read \(code 3\)\. Run the command/],
    [`file:${noKey}`, /is not valid: expected 32 bytes.*openssl rand -base64 32/],
  ] as const)
    await assert.rejects(open("sqlite::memory:", { encryption: { keks: [source] } }), {
      name: "TypeError",
      message,
    });
});
