import assert from "node:assert/strict";
import { appendFileSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** What a client can do with an operation, in the order of the page. */
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

/** What a test saw of one client over one transport. The texts are Markdown, and empty where the test does not look at it. */
export interface Facts {
  readonly client: string;
  readonly version: string;
  readonly transport: string;
  /** The calls that did what they should. */
  readonly calls: readonly CallName[];
  /** Where a program finds how far an operation is. */
  readonly progress?: string;
  /** What a program gets of a refused call, and of a failed operation. */
  readonly errors?: string;
  /** What a program that waits gets when the operation is cancelled. */
  readonly cancellation?: string;
}

/** The folder that the facts of a run go to: a file for each process, a line for each client and transport. */
const FOLDER = process.env["CLIENT_FACTS"];

/** Tells what a test has seen, at its end. Nothing is written unless `CLIENT_FACTS` names a folder. */
export function tell(facts: Facts): void {
  if (FOLDER === undefined) return;
  appendFileSync(join(FOLDER, `${process.pid}.jsonl`), `${JSON.stringify(facts)}\n`);
}

/** A line of facts as the programs in other languages print it. */
export function parseFacts(line: string): Facts {
  const { client, version, transport, calls, ...shown } = JSON.parse(line) as Facts;
  for (const text of [client, version, transport]) assert.match(text, /./, line);
  for (const call of calls) assert.ok(CALLS.includes(call), `"${call}" is not among CALLS`);
  return { client, version, transport, calls, ...shown };
}

/** All facts in a folder, those of the same client and transport as one, sorted by client. */
export function factsIn(folder: string): readonly Facts[] {
  const lines = globSync("*.jsonl", { cwd: folder }).flatMap((name) =>
    readFileSync(join(folder, name), "utf8").trimEnd().split("\n"),
  );
  return joined(lines.map(parseFacts));
}

/** Facts of the same client, version and transport as one. */
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
