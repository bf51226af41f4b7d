import type { Caller } from "../../core/caller.ts";
import { serviceError, StatusError } from "../../core/error/error.ts";
import type { Filter } from "../../core/filter/filter.ts";
import { DEFAULT_ORDER, type ListPosition } from "../../core/list/order.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Context } from "../../core/method/method.ts";
import { collectionOf } from "../../core/operation/collection.ts";
import { formatName, type OperationName } from "../../core/operation/name.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { Store } from "../../core/ports/store.ts";

/** The actions of a bulk. */
export const BULK_ACTIONS = ["cancel", "delete", "startAgain"] as const;

/** One of {@link BULK_ACTIONS}. */
export type BulkAction = (typeof BULK_ACTIONS)[number];

/**
 * The stored request of a bulk. The bulk affects only operations that match it, regardless of later
 * changes.
 */
export interface BulkRequest {
  readonly action: BulkAction;
  /** The parent of the list that it walks. Never wider than the operator's scope. */
  readonly collection: string;
  /** The operator's scope; `-` for everything. */
  readonly scope: string;
  readonly filter: string;
  /** Empty for all. */
  readonly method: string;
  /** Later operations are not affected. Milliseconds since the Unix epoch. */
  readonly notAfter: number;
  /** The bulk stops if more operations match; 0 for no limit. */
  readonly expected: number;
}

/** The counts of a bulk. */
export interface BulkResult {
  readonly done: number;
  /**
   * Matching operations to which the action does not apply, such as the cancellation of a done
   * operation.
   */
  readonly skipped: number;
  readonly refusedCount: number;
  /** The first refused operations. */
  readonly refused: readonly Refused[];
}

/** An operation whose action was refused. */
export interface Refused {
  readonly name: string;
  readonly code: string;
  readonly message: string;
}

/** The progress of a bulk, as reported; a bulk resumes from it after a restart. */
export interface BulkProgress extends BulkResult {
  readonly statusMessage: string;
  /** Missing if the total is unknown. */
  readonly progressPercent?: number;
  /** The last examined operation; null before the first. */
  readonly after: ListPosition | null;
}

/** The parts of a running bulk. */
export interface BulkParts {
  readonly store: Pick<Store, "rows">;
  readonly clock: Clock;
  /** The filter of a request for stored records, with all its limits. */
  readonly filterOf: (request: BulkRequest) => Filter;
  /** The progress of an earlier attempt; null for none. */
  readonly progressOf: (name: string) => Promise<BulkProgress | null>;
  readonly actions: Readonly<Record<BulkAction, BulkStep>>;
}

/** Applies the action to one operation. @throws {StatusError} if the action is refused */
export type BulkStep = (target: BulkTarget, by: BulkBy) => Promise<void>;

/** An operation that a bulk has found. */
export interface BulkTarget extends OperationName {
  readonly name: string;
  readonly isDone: boolean;
}

/** The operator and the bulk. */
export interface BulkBy {
  readonly caller: Caller;
  /** The id of the bulk's own operation. */
  readonly bulkId: string;
}

const NOTHING: BulkProgress = {
  statusMessage: "Looks for what matches",
  done: 0,
  skipped: 0,
  refusedCount: 0,
  refused: [],
  after: null,
};

/**
 * Walks the matching operations, newest first, and applies the action to each. After a restart it
 * resumes at the reported progress. It may repeat unreported actions, which is harmless because
 * actions are idempotent.
 *
 * @throws {StatusError} FAILED_PRECONDITION BULK_TOO_LARGE; the signal's reason if it is aborted
 */
export async function carryOutBulk(
  request: BulkRequest,
  { name, signal, report }: Pick<Context, "name" | "signal" | "report">,
  by: BulkBy,
  parts: BulkParts,
): Promise<BulkResult> {
  let progress = (await parts.progressOf(name)) ?? NOTHING;
  const query = {
    collection: collectionOf(request.collection),
    filter: parts.filterOf(request),
    order: DEFAULT_ORDER,
    limit: LIMITS.bulkStepMax,
  };
  for (;;) {
    const { rows, next } = await parts.store.rows({ ...query, after: progress.after });
    for (let from = 0; from < rows.length; from += LIMITS.bulkAtOnce) {
      const targets = rows.slice(from, from + LIMITS.bulkAtOnce).map(targetOf);
      checkExpected(request, matchedOf(progress) + targets.length);
      progress = await step(progress, targets, { request, by, parts });
      report(shownOf(progress, request));
      await pause(parts.clock, signal);
    }
    if (next === null) break;
    progress = { ...progress, after: next };
    report(shownOf(progress, request));
    signal.throwIfAborted();
  }
  const { done, skipped, refusedCount, refused } = progress;
  return { done, skipped, refusedCount, refused };
}

/** Applies the action to a few operations concurrently. */
async function step(
  before: BulkProgress,
  targets: readonly BulkTarget[],
  how: { readonly request: BulkRequest; readonly by: BulkBy; readonly parts: BulkParts },
): Promise<BulkProgress> {
  const { request, by, parts } = how;
  const ends = await Promise.all(
    targets.map((target): Promise<Refused | "done" | "skipped"> => act(target, { request, by, parts })),
  );
  const refused = ends.filter((end) => typeof end === "object");
  const last = targets.at(-1);
  return {
    ...before,
    done: before.done + ends.filter((end) => end === "done").length,
    skipped: before.skipped + ends.filter((end) => end === "skipped").length,
    refusedCount: before.refusedCount + refused.length,
    refused: [...before.refused, ...refused].slice(0, LIMITS.bulkRefusedMax),
    after: last === undefined ? before.after : { id: last.id, endTime: null },
  };
}

async function act(
  target: BulkTarget,
  { request, by, parts }: { readonly request: BulkRequest; readonly by: BulkBy; readonly parts: BulkParts },
): Promise<Refused | "done" | "skipped"> {
  const { action } = request;
  // A done operation cannot be cancelled, and an unfinished one need not be started again.
  if (action === "cancel" ? target.isDone : action === "startAgain" && !target.isDone) return "skipped";
  try {
    await parts.actions[action](target, by);
    return "done";
  } catch (error) {
    if (!(error instanceof StatusError) || error.code === "UNAVAILABLE") throw error;
    // The operation was removed in the meantime, so there is nothing to do.
    if (error.code === "NOT_FOUND" && action !== "startAgain") return "skipped";
    return {
      name: target.name,
      code: error.code,
      message: error.message.slice(0, LIMITS.adminMessageLengthMax),
    };
  }
}

function targetOf({ id, parent, endTime }: OperationName & { readonly endTime: number | null }): BulkTarget {
  return { id, parent, name: formatName({ id, parent }), isDone: endTime !== null };
}

function matchedOf({ done, skipped, refusedCount }: BulkResult): number {
  return done + skipped + refusedCount;
}

function checkExpected({ expected }: BulkRequest, matched: number): void {
  if (expected === 0 || matched <= expected) return;
  throw serviceError(
    "BULK_TOO_LARGE",
    `More operations match than the ${expected} that were expected; the rest stays as it is.`,
    { metadata: { expected: String(expected) } },
  );
}

function shownOf(progress: BulkProgress, { expected }: BulkRequest): Readonly<Record<string, unknown>> {
  const { done, skipped, refusedCount } = progress;
  const parts = [
    `${done} done`,
    `${skipped} skipped`,
    ...(refusedCount === 0 ? [] : [`${refusedCount} refused`]),
  ];
  const percent = Math.min(100, Math.floor((matchedOf(progress) / expected) * 100));
  return {
    ...progress,
    statusMessage: parts.join(", "),
    ...(expected === 0 ? {} : { progressPercent: percent }),
  };
}

/** Pauses, so that a bulk uses only a part of the store's time. */
async function pause(clock: Clock, signal: AbortSignal): Promise<void> {
  const over = Promise.withResolvers<undefined>();
  const end = (): void => over.resolve(undefined);
  const timer = clock.after(LIMITS.bulkPauseMs, end);
  signal.addEventListener("abort", end, { once: true });
  await over.promise;
  timer.cancel();
  signal.removeEventListener("abort", end);
  signal.throwIfAborted();
}
