import assert from "node:assert/strict";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Random } from "../../src/core/random.ts";
import { type ServerProcess, startServerProcess } from "../support/server-process.ts";
import { Journal, type WireOperation } from "./journal.ts";

export const METHODS = fileURLToPath(new URL("./methods.ts", import.meta.url));

/** Callers at once while the server is up. */
const CALLERS = 16;

/**
 * kill -9 at random moments under load, again and again on the same file: every acknowledged start exists, no seen result
 * changes, every operation ends.
 */
export async function killFault(options: {
  readonly rounds: number;
  readonly folder: string;
  readonly random: Random;
  readonly told: (line: string) => void;
}): Promise<Record<string, number | string>> {
  const { rounds, folder, random, told } = options;
  const store = `sqlite:${join(folder, "kill.db")}`;
  const journal = new Journal();
  const load = new Load(journal, random);
  for (let round = 1; round <= rounds; round++) {
    await using server = await startServerProcess({ file: METHODS, store });
    await checkAll(server.url, sample(journal.names, random));
    const running = load.run(server.url);
    await delay(20 + random.fraction() * 300);
    await server.end("SIGKILL");
    await running;
    if (round % 10 === 0) told(`kill: ${round} of ${rounds} rounds, ${journal.acknowledged} acknowledged`);
  }
  await using last = await startServerProcess({ file: METHODS, store });
  const restarted = performance.now();
  await checkAll(last.url, journal.names, journal);
  await endAll(last, journal);
  assert.ok(journal.acknowledged > rounds, "the load was too small to show anything");
  assert.deepEqual(journal.open, []);
  await checkAll(last.url, journal.names, journal);
  const endedMs = Math.round(performance.now() - restarted);
  return {
    rounds,
    acknowledged: journal.acknowledged,
    "results seen": journal.results,
    "all ended after ms": endedMs,
  };
}

/** Callers that start, repeat starts, poll and wait until the server is gone. */
class Load {
  readonly #journal: Journal;
  readonly #random: Random;
  #count = 0;

  constructor(journal: Journal, random: Random) {
    this.#journal = journal;
    this.#random = random;
  }

  async run(url: string): Promise<void> {
    await Promise.all(Array.from({ length: CALLERS }, () => this.#caller(url)));
  }

  async #caller(url: string): Promise<void> {
    const once = async (): Promise<void> => {
      const text = `text ${this.#count++}`;
      const request = { text, durationMs: Math.floor(this.#random.fraction() * 60) };
      const start = (): Promise<WireOperation> =>
        call(url, "POST", `v1:echo?requestId=${encodeURIComponent(text)}`, request);
      const operation = await start();
      this.#journal.started(operation, text, text);
      if (this.#random.fraction() < 0.2) this.#journal.started(await start(), text, text);
      const wait = this.#random.fraction() < 0.5;
      this.#journal.saw(
        await (wait
          ? call(url, "POST", `v1/${operation.name}:wait?timeout=1s`)
          : call(url, "GET", `v1/${operation.name}`)),
      );
    };
    for (;;) {
      try {
        await once();
      } catch (error) {
        // The server is gone: what was not acknowledged is nobody's promise. Anything else is a finding.
        if (error instanceof assert.AssertionError) throw error;
        return;
      }
    }
  }
}

async function endAll(server: ServerProcess, journal: Journal): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (journal.open.length > 0 && performance.now() < deadline) {
    for (const name of journal.open.slice(0, 200)) {
      journal.saw(await call(server.url, "POST", `v1/${name}:wait?timeout=5s`));
    }
  }
}

async function checkAll(url: string, names: readonly string[], journal?: Journal): Promise<void> {
  for (let from = 0; from < names.length; from += 50) {
    const operations = await Promise.all(
      names.slice(from, from + 50).map((name) => call(url, "GET", `v1/${name}`)),
    );
    for (const operation of operations) journal?.saw(operation);
  }
}

/** A few hundred names: all of them are read at the end, and in each round some. */
function sample(names: readonly string[], random: Random): readonly string[] {
  const from = Math.floor(random.fraction() * Math.max(1, names.length - 200));
  return [...names.slice(from, from + 200), ...names.slice(-100)];
}

/** One call; rejects for a connection that breaks and for any answer but 200, whose text is then an assertion. */
export async function call(
  url: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<WireOperation> {
  const response = await fetch(`${url}/${path}`, {
    method,
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
  });
  const text = await response.text();
  assert.equal(response.status, 200, `${method} ${path}: ${text}`);
  return JSON.parse(text) as WireOperation;
}
