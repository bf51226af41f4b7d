import { LIMITS } from "../../core/limits.ts";
import type { Operation } from "../../core/operation/operation.ts";
import type { ClaimAnswer, ClaimCommand } from "../../core/ports/store.ts";
import type { WorkerPort } from "../../core/ports/worker-port.ts";
import { keptTextOf } from "./kept-text.ts";

/** What a claim in parts brought. */
export interface PartsAnswer extends ClaimAnswer {
  /** How many operations were asked for: fewer than the limit where the claim ended early. */
  readonly asked: number;
}

/**
 * Claims in parts, so that a thousand large operations are never in memory together. It ends early when there is more text than one
 * answer holds: the rest is for the next claim. Where a part fails, what the parts before brought is the answer.
 *
 * @throws what the store throws for the first part
 */
export async function claimInParts(
  attempts: Pick<WorkerPort, "claim">,
  command: Omit<ClaimCommand, "verb">,
): Promise<PartsAnswer> {
  const operations: Operation[] = [];
  let [asked, text] = [0, 0];
  for (;;) {
    const limit = Math.min(LIMITS.claimPartMax, command.limit - asked);
    const wanted = command.wanted.map(({ method }) => ({ method, limit }));
    let part: ClaimAnswer;
    try {
      part = await attempts.claim({ ...command, limit, wanted });
    } catch (error) {
      if (operations.length === 0) throw error;
      // There may be more.
      return { operations, nextTime: Number.NEGATIVE_INFINITY, asked };
    }
    asked += limit;
    operations.push(...part.operations);
    for (const operation of part.operations) text += keptTextOf(operation);
    const isLast = asked >= command.limit || part.operations.length < limit;
    if (isLast || text >= LIMITS.claimTextMax) return { operations, nextTime: part.nextTime, asked };
  }
}
