import assert from "node:assert/strict";
import * as fc from "fast-check";
import { ANONYMOUS } from "../../../src/core/caller.ts";
import { isDone } from "../../../src/core/operation/operation.ts";
import { commandKind } from "./command.ts";
import { type Harness, nameOf, refusalOf } from "./harness.ts";
import { expectedOf } from "./record.ts";
import type { Oracle } from "./oracle.ts";
import { PARENTS } from "./start-commands.ts";

/**
 * The calls of callers on existing operations: get, list, wait, cancel, delete. Starts have a file
 * of their own.
 */

const INDEX = fc.nat({ max: 1_000 });

/** One of the names that exist, existed or never existed, sometimes under another parent. */
interface GivenName {
  readonly index: number;
  readonly otherParent: boolean;
}

const NAME = fc.record({ index: INDEX, otherParent: fc.nat({ max: 9 }).map((each) => each === 0) });

/** Newer operations are chosen more often, because more happens to them. */
function named(harness: Harness, { index, otherParent }: GivenName): { id: string; name: string } {
  const { ids } = harness;
  const chosen = ids[index % 3 === 0 ? index % ids.length : Math.max(0, ids.length - 1 - (index % 4))];
  assert.ok(chosen !== undefined);
  const { id, parent } = chosen;
  return { id, name: nameOf({ id, parent: otherParent ? "projects/q" : parent }) };
}

/**
 * Calls one operation by its name. @returns whether it was found; a refusal has already been
 * checked
 */
async function found(oracle: Oracle, given: GivenName, id: string, call: Promise<unknown>): Promise<boolean> {
  const reason = await refusalOf(call);
  const kept = oracle.kept.has(id);
  if (kept && !given.otherParent) assert.equal(reason, undefined);
  else assert.ok(oracle.refusals(id).includes(reason ?? ""), `${reason} for ${id}`);
  return reason === undefined;
}

const GET = commandKind<GivenName>({
  kind: "get",
  given: NAME,
  run: async ({ oracle, harness }, given) => {
    const { id, name } = named(harness, given);
    const call = harness.engine.operations.get(ANONYMOUS, name);
    if (!(await found(oracle, given, id, call))) return false;
    assert.deepEqual(expectedOf(await call), oracle.kept.get(id));
    return true;
  },
});

const CANCEL = commandKind<GivenName>({
  kind: "cancel",
  given: NAME,
  run: async ({ oracle, harness }, given) => {
    const { id, name } = named(harness, given);
    if (!(await found(oracle, given, id, harness.engine.operations.cancel(ANONYMOUS, name)))) return false;
    const expected = oracle.kept.get(id);
    return expected !== undefined && oracle.cancel(expected);
  },
});

const DELETE = commandKind<GivenName>({
  kind: "delete",
  given: NAME,
  run: async ({ oracle, harness }, given) => {
    const { id, name } = named(harness, given);
    const succeeded = await found(oracle, given, id, harness.engine.operations.delete(ANONYMOUS, name));
    if (succeeded) oracle.remove(id);
    return succeeded;
  },
});

const WAIT = commandKind<GivenName & { readonly timeoutMs: number }>({
  kind: "wait",
  given: fc
    .tuple(NAME, fc.constantFrom(0, 1_000, 20_000, 120_000))
    .map(([name, timeoutMs]) => ({ ...name, timeoutMs })),
  run: async ({ oracle, harness }, given) => {
    const { id, name } = named(harness, given);
    const expected = oracle.kept.get(id);
    if (expected !== undefined && expected.endTime === null && !given.otherParent) {
      // Not answered until something releases it: Harness.check() verifies that after every
      // command.
      harness.wait(name, id, Math.min(given.timeoutMs, 60_000));
      return true;
    }
    const call = harness.engine.operations.wait(ANONYMOUS, name, { timeoutMs: given.timeoutMs });
    const succeeded = await found(oracle, given, id, call);
    if (succeeded) assert.ok(isDone(await call));
    return succeeded;
  },
});

const LIST = commandKind<{ readonly parent: string; readonly pageSize: number; readonly token: string }>({
  kind: "list",
  given: fc.record({
    parent: fc.constantFrom(...PARENTS),
    pageSize: fc.constantFrom(0, 1, 2, 1_000, -1),
    token: fc.constantFrom("", "", "", "not ours"),
  }),
  run: async ({ oracle, harness }, { parent, pageSize, token }) => {
    const { operations } = harness.engine;
    const first = operations.list(ANONYMOUS, { parent, pageSize, pageToken: token });
    const reason = pageSize < 0 ? "PAGE_SIZE_INVALID" : token === "" ? undefined : "PAGE_TOKEN_INVALID";
    assert.equal(await refusalOf(first), reason);
    if (reason !== undefined) return false;
    let page = await first;
    const all = [...page.operations];
    while (page.nextPageToken !== "") {
      page = await operations.list(ANONYMOUS, { parent, pageSize, pageToken: page.nextPageToken });
      assert.ok(pageSize === 0 || page.operations.length <= pageSize);
      all.push(...page.operations);
    }
    // A list leaves out the columns that no answer shows.
    const shown = oracle.list(parent).map((each) => ({ ...each, request: "", attempts: "" }));
    assert.deepEqual(all.map(expectedOf), shown);
    return true;
  },
});

/** The commands of this file. */
export const CALLER_COMMANDS = [GET, CANCEL, DELETE, WAIT, LIST] as const;
