import assert from "node:assert/strict";
import * as fc from "fast-check";
import { isDone, type Operation } from "../../../src/core/operation.ts";
import { type Bench, commandKind } from "./command.ts";
import { expectedOf, type Harness, nameOf, refusalOf } from "./harness.ts";
import type { Expected, Oracle } from "./oracle.ts";

/** What callers do: start, get, list, wait, cancel, delete. */

const PARENTS = ["", "projects/p"] as const;
const INDEX = fc.nat({ max: 1_000 });

interface GivenStart {
  readonly method: string;
  readonly parent: string;
  readonly directory: string;
  readonly requestId: string | undefined;
  readonly timeToLiveMs: number | undefined;
  readonly validateOnly: boolean;
  readonly leaseMs: number;
}

const START = commandKind<GivenStart>({
  kind: "start",
  weight: 4,
  given: fc.record({
    method: fc.oneof({ weight: 12, arbitrary: fc.constantFrom("pack", "clean") }, fc.constant("other")),
    parent: fc.oneof({ weight: 12, arbitrary: fc.constantFrom(...PARENTS) }, fc.constant("/")),
    directory: fc.constantFrom("a", "a", "a", "b", ""),
    requestId: fc.constantFrom(undefined, undefined, "r", "s"),
    timeToLiveMs: fc.constantFrom(undefined, undefined, undefined, 30_000, 1_000, 3_600_000),
    validateOnly: fc.nat({ max: 7 }).map((each) => each === 0),
    leaseMs: fc.constantFrom(0, 0, 20_000),
  }),
  run: async ({ oracle, harness }, given) => {
    const { method, parent, requestId, validateOnly, timeToLiveMs } = given;
    const request = given.directory === "" ? {} : { directory: given.directory };
    const existing = validateOnly ? undefined : oracle.byRequest(parent, method, requestId);
    const reused = existing !== undefined && existing.request !== jsonOf(given);
    const reason = startRefusal(given) ?? (reused ? "REQUEST_ID_REUSED" : undefined);
    harness.slot = given.leaseMs === 0 ? undefined : { worker: "near", leaseMs: given.leaseMs };
    const call = harness.engine.operations.start({
      method,
      parent,
      request,
      requestId,
      timeToLiveMs,
      validateOnly,
    });
    assert.equal(await refusalOf(call), reason);
    harness.slot = undefined;
    if (reason !== undefined) return false;
    const started = await call;
    if (validateOnly) assert.deepEqual([started.id, started.state], ["", "SUCCEEDED"]);
    else if (existing !== undefined) assert.deepEqual(expectedOf(started), existing);
    else keepStarted({ oracle, harness }, given, started);
    return true;
  },
});

function jsonOf({ directory }: GivenStart): string {
  return JSON.stringify({ directory });
}

/** Why a start is refused before the store is asked. */
function startRefusal({ method, parent, directory, timeToLiveMs }: GivenStart): string | undefined {
  if (method === "other") return "METHOD_NOT_FOUND";
  if (parent === "/") return "NAME_INVALID";
  if (directory === "") return "REQUEST_INVALID";
  const [min, max] = method === "pack" ? [1_000, 600_000] : [1_000, 30_000];
  const wished = timeToLiveMs ?? 30_000;
  return wished < min || wished > max ? "TIME_TO_LIVE_INVALID" : undefined;
}

/** What is the same for all operations that nothing has happened to yet. */
const NEW = {
  state: "PENDING",
  revision: 1,
  attempt: 0,
  failedAttempts: 0,
  metadata: null,
  response: null,
  error: null,
  startTime: null,
  endTime: null,
  expireTime: null,
  cancelTime: null,
  leaseTime: null,
  worker: null,
} as const;

/** The oracle takes the id over from the engine, and nothing else. */
function keepStarted({ oracle, harness }: Bench, given: GivenStart, { id }: Operation): void {
  const { method, parent, requestId = null, timeToLiveMs } = given;
  const pack = method === "pack";
  assert.ok(harness.ids.every((each) => each.id !== id));
  const expected: Expected = {
    ...NEW,
    id,
    parent,
    method,
    requestId,
    request: jsonOf(given),
    attemptsMax: pack ? 3 : 1,
    createTime: oracle.now,
    availableTime: oracle.now,
    deadlineTime: pack ? null : oracle.now + 120_000,
    timeToLiveMs: timeToLiveMs ?? (pack ? 60_000 : 30_000),
  };
  oracle.kept.set(id, expected);
  if (given.leaseMs > 0) oracle.run(expected, { worker: "near", leaseMs: given.leaseMs });
  harness.ids.push({ id, parent });
}

/** One of the names that were ever given, or never, sometimes under another parent. */
interface GivenName {
  readonly index: number;
  readonly otherParent: boolean;
}

const NAME = fc.record({ index: INDEX, otherParent: fc.nat({ max: 9 }).map((each) => each === 0) });

/** Newer ones are asked for more often, since more happens to them. */
function named(harness: Harness, { index, otherParent }: GivenName): { id: string; name: string } {
  const { ids } = harness;
  const chosen = ids[index % 3 === 0 ? index % ids.length : Math.max(0, ids.length - 1 - (index % 4))];
  assert.ok(chosen !== undefined);
  const { id, parent } = chosen;
  return { id, name: nameOf({ id, parent: otherParent ? "projects/q" : parent }) };
}

/** Calls one operation by its name. @returns whether it is to be found; a refusal has been checked then */
async function found(oracle: Oracle, given: GivenName, id: string, call: Promise<unknown>): Promise<boolean> {
  const reason = await refusalOf(call);
  const kept = oracle.kept.has(id);
  if (kept && !given.otherParent) assert.equal(reason, undefined);
  else if (kept) assert.equal(reason, "OPERATION_NOT_FOUND");
  else assert.ok(oracle.refusals(id).includes(reason ?? ""), `${reason} for ${id}`);
  return reason === undefined;
}

const GET = commandKind<GivenName>({
  kind: "get",
  given: NAME,
  run: async ({ oracle, harness }, given) => {
    const { id, name } = named(harness, given);
    const call = harness.engine.operations.get(name);
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
    if (!(await found(oracle, given, id, harness.engine.operations.cancel(name)))) return false;
    const expected = oracle.kept.get(id);
    return expected !== undefined && oracle.cancel(expected);
  },
});

const DELETE = commandKind<GivenName>({
  kind: "delete",
  given: NAME,
  run: async ({ oracle, harness }, given) => {
    const { id, name } = named(harness, given);
    const succeeded = await found(oracle, given, id, harness.engine.operations.delete(name));
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
      // Not answered until something lets it go: Harness.check() sees to that after every command.
      harness.wait(name, id, Math.min(given.timeoutMs, 60_000));
      return true;
    }
    const call = harness.engine.operations.wait(name, { timeoutMs: given.timeoutMs });
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
    const first = operations.list({ parent, pageSize, pageToken: token });
    const reason = pageSize < 0 ? "PAGE_SIZE_INVALID" : token === "" ? undefined : "PAGE_TOKEN_INVALID";
    assert.equal(await refusalOf(first), reason);
    if (reason !== undefined) return false;
    let page = await first;
    const all = [...page.operations];
    while (page.nextPageToken !== "") {
      page = await operations.list({ parent, pageSize, pageToken: page.nextPageToken });
      assert.ok(pageSize === 0 || page.operations.length <= pageSize);
      all.push(...page.operations);
    }
    assert.deepEqual(all.map(expectedOf), oracle.list(parent));
    return true;
  },
});

/** The kinds of this file. */
export const CALLER_COMMANDS = [START, GET, CANCEL, DELETE, WAIT, LIST] as const;
