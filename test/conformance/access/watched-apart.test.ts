import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { collectionOf, includesParent } from "../../../src/core/operation/collection.ts";
import { type Permission, PERMISSIONS } from "../../../src/core/permission.ts";
import { ManualClock } from "../../../src/testing/manual-clock.ts";
import { IS_LONG } from "../../support/long.ts";
import { ASKED, CALLERS, parentOf, PARENTS, permits, rulesOf, someGrants } from "./some-grants.ts";
import { type AccessServer, openAccessServer, work } from "./tenants.ts";

/** A watch in progress, or its refusal. */
interface Watched {
  readonly status: number;
  /** Reads until a text has arrived. @throws {AssertionError} at the end of the stream */
  until(part: string): Promise<void>;
  /** Reads to the end. @returns the names of all operations in it */
  rest(): Promise<readonly string[]>;
}

async function watch(server: AccessServer, who: string, resource: string): Promise<Watched> {
  const headers = { accept: "text/event-stream", ...(who === "" ? {} : { "x-user": who }) };
  const response = await fetch(`${server.url}/v1/${resource}:watch`, { headers });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  const more = async (): Promise<boolean> => {
    const { done = true, value = "" } = (await reader?.read()) ?? {};
    text += value;
    return !done;
  };
  if (response.status !== 200) while (await more()) continue;
  return {
    status: response.status,
    until: async (part) => {
      while (!text.includes(part)) assert.ok(await more(), `The watch ended without ${part}: ${text}`);
    },
    rest: async () => {
      while (await more()) continue;
      return [...text.matchAll(/"name": ?"([^"]*operations\/[^"]+)"/g)].map(([, name = ""]) => name);
    },
  };
}

const collectionPath = (parent: string): string => (parent === "" ? "operations" : `${parent}/operations`);

const sorted = (names: Iterable<string>): string[] => [...new Set(names)].toSorted();

/** Starts one operation below each parent. @returns their names */
async function startAll({ operations }: AccessServer): Promise<string[]> {
  const started = PARENTS.map((parent) => operations.start(work, { text: "x" }, { parent }));
  return (await Promise.all(started)).map(({ name }) => name);
}

test("for any grants, watches show exactly the operations that a walk over the grants allows", async () => {
  await using server = await openAccessServer(undefined, {
    clock: new ManualClock(),
    worker: false,
    statistics: false,
  });
  const names = await startAll(server);
  let shown = 0;
  for (const grants of fc.sample(someGrants([PERMISSIONS.watch, PERMISSIONS.get]), {
    numRuns: IS_LONG ? 40 : 4,
    seed: 5,
  })) {
    writeFileSync(server.file, rulesOf(grants));
    await server.operations.reloadAccess();
    const watches: { readonly watched: Watched; readonly about: string; readonly parent: string }[] = [];
    for (const who of CALLERS) {
      const may = (permission: Permission, parent: string): boolean =>
        permits(grants, { who, permission, parent });
      const refused = who === "" ? 401 : 403;
      for (const parent of ASKED) {
        const about = JSON.stringify({ grants, who, parent });
        const watched = await watch(server, who, collectionPath(parent));
        // Watching several collections needs a permission for all of them.
        const fixed = parent.includes("-") ? parent.slice(0, parent.indexOf("-")).replace(/\/$/, "") : parent;
        assert.equal(watched.status, may(PERMISSIONS.watch, fixed) ? 200 : refused, about);
        if (watched.status === 200) watches.push({ watched, about, parent });
      }
      for (const name of names) {
        const watched = await watch(server, who, name);
        const about = JSON.stringify({ grants, who, name });
        assert.equal(watched.status, may(PERMISSIONS.watch, parentOf(name)) ? 200 : refused, about);
        if (watched.status === 200) watches.push({ watched, about, parent: name });
      }
    }
    for (const { watched, parent } of watches)
      await watched.until(names.includes(parent) ? "event: operation" : "event: initial-end");
    const later = await startAll(server);
    const all = [...names, ...later];
    const seenBy = (parent: string): string[] =>
      names.includes(parent)
        ? [parent]
        : all.filter((name) => includesParent(collectionOf(parent), parentOf(name)));
    for (const { watched, parent } of watches) for (const name of seenBy(parent)) await watched.until(name);
    // All of these watches end.
    writeFileSync(server.file, rulesOf([]));
    await server.operations.reloadAccess();
    for (const { watched, about, parent } of watches) {
      assert.deepEqual(sorted(await watched.rest()), sorted(seenBy(parent)), about);
      shown++;
    }
    for (const name of later) await server.operations.delete(name);
  }
  assert.ok(shown > 20, `${shown} watches were compared`);
});
