import { LIMITS } from "../../core/limits.ts";
import type { Operation } from "../../core/operation/operation.ts";
import type { ClaimAnswer, ClaimCommand } from "../../core/ports/store.ts";
import type { WorkerPort } from "../../core/ports/worker-port.ts";
import { keptTextOf } from "./kept-text.ts";

/** The result of a claim in parts. */
export interface PartsAnswer extends ClaimAnswer {
  /** The number of requested operations: less than the limit if the claim ended early. */
  readonly asked: number;
}

/**
 * Claims in parts, so that a thousand large operations are never in memory at the same time. It
 * ends early if the text exceeds one answer; the next claim takes the rest. If a part fails, the
 * answer contains the parts before it.
 *
 * @throws the store's error for the first part
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
      // More operations may be available.
      return { operations, nextTime: Number.NEGATIVE_INFINITY, asked };
    }
    asked += limit;
    operations.push(...part.operations);
    for (const operation of part.operations) text += keptTextOf(operation);
    const isLast = asked >= command.limit || part.operations.length < limit;
    if (isLast || text >= LIMITS.claimTextMax) return { operations, nextTime: part.nextTime, asked };
  }
}
