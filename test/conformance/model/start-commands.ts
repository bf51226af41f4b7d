import assert from "node:assert/strict";
import * as fc from "fast-check";
import { ANONYMOUS, type Caller, callerText } from "../../../src/core/caller.ts";
import type { Operation } from "../../../src/core/operation/operation.ts";
import { type Bench, type CommandKind, commandKind } from "./command.ts";
import { refusalOf } from "./harness.ts";
import { expectedOf } from "./record.ts";
import type { Expected, ExpectedLimit } from "./expected.ts";

/** The starts of callers: at once, later or with a priority, and of methods with limits. */

/** The collections of the operations. */
export const PARENTS = ["", "projects/p"] as const;

interface GivenStart {
  readonly method: string;
  readonly parent: string;
  readonly directory: string;
  readonly requestId: string | undefined;
  readonly timeToLiveMs: number | undefined;
  readonly validateOnly: boolean;
  readonly leaseMs: number;
  readonly delayMs: number | undefined;
  readonly priority: number | undefined;
}

/** The methods of the harness, in the oracle's terms. */
interface ExpectedMethod {
  readonly attemptsMax: number;
  readonly deadlineMs: number | null;
  readonly timeToLiveMs: number;
  readonly timeToLiveMsMax: number;
  /** The limit, and whether the directory is the key. */
  readonly limit?: ExpectedLimit & { readonly byDirectory: boolean };
}

const LASTING = { attemptsMax: 3, deadlineMs: null, timeToLiveMs: 60_000, timeToLiveMsMax: 600_000 };
const BRIEF = { attemptsMax: 1, timeToLiveMs: 30_000, timeToLiveMsMax: 30_000 };

const EXPECTED_METHODS: Readonly<Record<string, ExpectedMethod>> = {
  pack: LASTING,
  clean: { ...BRIEF, deadlineMs: 120_000 },
  scan: { ...LASTING, limit: { most: 1, when: "queue", byDirectory: true } },
  mend: { ...BRIEF, deadlineMs: null, limit: { most: 2, when: "reject", byDirectory: false } },
};

const COMMON = {
  parent: fc.oneof({ weight: 12, arbitrary: fc.constantFrom(...PARENTS) }, fc.constant("/")),
  directory: fc.constantFrom("a", "a", "a", "b", ""),
  requestId: fc.constantFrom(undefined, undefined, "r", "s"),
  timeToLiveMs: fc.constantFrom(undefined, undefined, undefined, 30_000, 1_000, 3_600_000),
  validateOnly: fc.nat({ max: 7 }).map((each) => each === 0),
  leaseMs: fc.constantFrom(0, 0, 20_000),
};
const AT_ONCE = { delayMs: fc.constant(undefined), priority: fc.constant(undefined) };
const PRIORITY = fc.constantFrom(undefined, 0, 1, 5, 9, 9, 10);

const START = startKind("start", 4, {
  ...COMMON,
  ...AT_ONCE,
  method: fc.oneof({ weight: 12, arbitrary: fc.constantFrom("pack", "clean") }, fc.constant("other")),
});

const START_LATER = startKind("start later or with a priority", 2, {
  ...COMMON,
  method: fc.constantFrom("pack", "clean"),
  delayMs: fc.constantFrom(undefined, 0, 1, 7_500, 30_000, 120_000, -1, 31_536_000_001),
  priority: PRIORITY,
});

const START_LIMITED = startKind("start of a method with a limit", 4, {
  ...COMMON,
  timeToLiveMs: fc.constant(undefined),
  method: fc.constantFrom("scan", "scan", "mend"),
  delayMs: fc.constantFrom(undefined, undefined, 7_500),
  priority: PRIORITY,
});

function startKind(
  kind: string,
  weight: number,
  given: { readonly [Name in keyof GivenStart]: fc.Arbitrary<GivenStart[Name]> },
): CommandKind {
  return commandKind<GivenStart>({ kind, weight, given: fc.record(given), run: start });
}

async function start(bench: Bench, given: GivenStart): Promise<boolean> {
  const { oracle, harness } = bench;
  const { method, parent, requestId, timeToLiveMs, delayMs, priority, validateOnly } = given;
  const request = given.directory === "" ? {} : { directory: given.directory };
  const existing = validateOnly ? undefined : oracle.byRequest({ ...given, parallelKey: keyOf(given) });
  const reason = startRefusal(given) ?? storeRefusal(bench, given, existing);
  harness.slot = given.leaseMs === 0 ? undefined : { worker: "near", leaseMs: given.leaseMs };
  const asked = { method, parent, request, requestId, timeToLiveMs, delayMs, priority, validateOnly };
  const call = harness.engine.operations.start(callerOf(given), asked);
  assert.equal(await refusalOf(call), reason);
  harness.slot = undefined;
  if (reason !== undefined) return false;
  const started = await call;
  if (validateOnly) assert.deepEqual([started.id, started.state], ["", "SUCCEEDED"]);
  else if (existing !== undefined) assert.deepEqual(expectedOf(started), existing);
  else keepStarted(bench, given, started);
  return true;
}

/** One of three tenants, or none. */
function callerOf({ parent, directory }: GivenStart): Caller {
  if (parent === "" && directory !== "b") return ANONYMOUS;
  return { ...ANONYMOUS, principal: "user:a", tenant: `tenants/${parent.length}${directory}` };
}

function jsonOf({ directory }: GivenStart): string {
  return JSON.stringify({ directory });
}

/** Why a start is refused without the store. */
function startRefusal(given: GivenStart): string | undefined {
  const { parent, directory, timeToLiveMs, delayMs = 0, priority = 0 } = given;
  const method = EXPECTED_METHODS[given.method];
  if (method === undefined) return "METHOD_NOT_FOUND";
  if (parent === "/") return "NAME_INVALID";
  if (directory === "") return "REQUEST_INVALID";
  const wished = timeToLiveMs ?? method.timeToLiveMs;
  if (wished < 1_000 || wished > method.timeToLiveMsMax) return "TIME_TO_LIVE_INVALID";
  if (delayMs < 0 || delayMs > 31_536_000_000) return "DELAY_INVALID";
  return priority > 9 ? "PRIORITY_INVALID" : undefined;
}

/** Why a start is refused because of stored operations. */
function storeRefusal(
  { oracle }: Bench,
  given: GivenStart,
  existing: Expected | undefined,
): string | undefined {
  if (existing !== undefined) return existing.request === jsonOf(given) ? undefined : "REQUEST_ID_REUSED";
  const limit = EXPECTED_METHODS[given.method]?.limit;
  if (given.validateOnly || limit?.when !== "reject") return undefined;
  const place = { method: given.method, parallelKey: keyOf(given) };
  return oracle.isFree(place, limit.most) ? undefined : "PARALLEL_LIMIT_REACHED";
}

function keyOf({ method, directory }: GivenStart): string | null {
  const limit = EXPECTED_METHODS[method]?.limit;
  return limit === undefined ? null : limit.byDirectory ? directory : "";
}

/** The common part of all new operations. */
const NEW = {
  state: "PENDING",
  revision: 1,
  attempt: 0,
  failedAttempts: 0,
  metadata: null,
  response: null,
  error: null,
  blocked: false,
  startTime: null,
  attemptTime: null,
  endTime: null,
  expireTime: null,
  cancelTime: null,
  leaseTime: null,
  worker: null,
  lastWorker: null,
  attempts: "",
} as const;

/** The oracle takes only the id from the engine. */
function keepStarted({ oracle, harness }: Bench, given: GivenStart, started: Operation): void {
  const { id } = started;
  const { method, parent, requestId = null, timeToLiveMs, delayMs = 0, priority = 0 } = given;
  const known = EXPECTED_METHODS[method];
  assert.ok(known !== undefined && harness.ids.every((each) => each.id !== id));
  const availableTime = oracle.now + delayMs;
  const expected: Expected = {
    ...NEW,
    caller: callerText(callerOf(given)),
    id,
    parent,
    method,
    requestId,
    request: jsonOf(given),
    attemptsMax: known.attemptsMax,
    createTime: oracle.now,
    availableTime,
    priority,
    parallelKey: keyOf(given),
    deadlineTime: known.deadlineMs === null ? null : availableTime + known.deadlineMs,
    timeToLiveMs: timeToLiveMs ?? known.timeToLiveMs,
  };
  oracle.start(expected, known.limit?.most);
  if (given.leaseMs > 0 && delayMs === 0 && known.limit === undefined)
    oracle.run(expected, { worker: "near", leaseMs: given.leaseMs });
  assert.deepEqual(expectedOf(started), expected);
  harness.ids.push({ id, parent });
}

/** The commands of this file. */
export const START_COMMANDS = [START, START_LATER, START_LIMITED] as const;
