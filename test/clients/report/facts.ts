import assert from "node:assert/strict";
import { appendFileSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The abilities of a client with an operation, in the order of the page. */
export const CALLS = [
  "start",
  "result",
  "resume",
  "update",
  "get",
  "list",
  "wait",
  "watch",
  "cancel",
  "delete",
] as const;

export type CallName = (typeof CALLS)[number];

/**
 * The observations of a test about one client over one transport. The texts are Markdown, and empty
 * if the test does not cover them.
 */
export interface Facts {
  readonly client: string;
  readonly version: string;
  readonly transport: string;
  /** The calls that worked. */
  readonly calls: readonly CallName[];
  /** Where a program finds the progress of an operation. */
  readonly progress?: string;
  /** What a program gets for a refused call, and for a failed operation. */
  readonly errors?: string;
  /** What a waiting program gets when the operation is cancelled. */
  readonly cancellation?: string;
}

/** The folder of a run's facts: a file for each process, a line for each client and transport. */
const FOLDER = process.env["CLIENT_FACTS"];

/**
 * Records a test's observations at its end. Writes nothing unless `CLIENT_FACTS` names a folder.
 */
export function tell(facts: Facts): void {
  if (FOLDER === undefined) return;
  appendFileSync(join(FOLDER, `${process.pid}.jsonl`), `${JSON.stringify(facts)}\n`);
}

/** A line of facts, as the programs in other languages print it. */
export function parseFacts(line: string): Facts {
  const { client, version, transport, calls, ...shown } = JSON.parse(line) as Facts;
  for (const text of [client, version, transport]) assert.match(text, /./, line);
  for (const call of calls) assert.ok(CALLS.includes(call), `"${call}" is not among CALLS`);
  return { client, version, transport, calls, ...shown };
}

/**
 * All facts in a folder; those of the same client and transport are merged, and sorted by client.
 */
export function factsIn(folder: string): readonly Facts[] {
  const lines = globSync("*.jsonl", { cwd: folder }).flatMap((name) =>
    readFileSync(join(folder, name), "utf8").trimEnd().split("\n"),
  );
  return joined(lines.map(parseFacts));
}

/** Merges facts of the same client, version and transport. */
export function joined(all: readonly Facts[]): readonly Facts[] {
  const found = new Map<string, Facts>();
  for (const facts of all) {
    const key = keyOf(facts);
    const before = found.get(key);
    found.set(key, before === undefined ? ordered(facts) : both(before, facts));
  }
  return [...found.entries()].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, facts]) => facts);
}

function keyOf({ client, version, transport }: Facts): string {
  return [client.toLowerCase(), version, transport].join("\n");
}

function both(one: Facts, other: Facts): Facts {
  return ordered({
    ...one,
    calls: [...one.calls, ...other.calls],
    progress: one.progress || other.progress || "",
    errors: one.errors || other.errors || "",
    cancellation: one.cancellation || other.cancellation || "",
  });
}

function ordered(facts: Facts): Facts {
  const { client, version, transport, progress = "", errors = "", cancellation = "" } = facts;
  const calls = CALLS.filter((call) => facts.calls.includes(call));
  return { client, version, transport, calls, progress, errors, cancellation };
}
