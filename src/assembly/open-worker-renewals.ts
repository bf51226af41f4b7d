import { LIMITS } from "../core/limits.ts";
import type { RenewAnswer } from "../core/ports/store.ts";
import type { RenewalAnswer, RenewalEntry, WorkerCalls } from "../core/ports/worker-calls.ts";
import type { Renewal } from "../store/leases/lease-book.ts";
import type { Renew } from "../store/leases/renewals.ts";

type Answers = Map<Renewal, RenewAnswer | undefined>;

/**
 * Renews over a network. Tries each renewal once: a failure does not give the lease up, and the
 * next attempt comes soon.
 *
 * @param failed called after the first of several consecutive failures
 */
export function renewByCalls(
  calls: Pick<WorkerCalls, "renew">,
  failed: (count: number, error: unknown) => void,
): Renew {
  let isFailing = false;
  const call = async (renewals: readonly Renewal[], leaseMs: number, answers: Answers): Promise<void> => {
    try {
      const options = { timeoutMs: answerMs(leaseMs) };
      const answered = await calls.renew(leaseMs, renewals.map(entryOf), options);
      for (const [index, renewal] of renewals.entries())
        answers.set(renewal, answerOf(answered[index], leaseMs));
      isFailing = false;
    } catch (error) {
      if (!isFailing) failed(renewals.length, error);
      isFailing = true;
    }
  };
  return async (renewals) => {
    const answers: Answers = new Map();
    const made: Promise<void>[] = [];
    for (const [leaseMs, some] of Map.groupBy(renewals, (each) => each.leaseMs)) {
      for (let from = 0; from < some.length; from += LIMITS.remoteEntriesMax)
        made.push(call(some.slice(from, from + LIMITS.remoteEntriesMax), leaseMs, answers));
    }
    await Promise.all(made);
    return renewals.map((renewal) => answers.get(renewal));
  };
}

function entryOf({ name = "", attempt, token = "" }: Renewal): RenewalEntry {
  return { attempt: { name, attempt, token }, metadata: null };
}

/** The longest time for an answer: short enough for another attempt. */
function answerMs(leaseMs: number): number {
  const { renewalAnswerMsMin, renewalAnswerMsMax, renewalAnswerPart } = LIMITS;
  return Math.min(renewalAnswerMsMax, Math.max(renewalAnswerMsMin, leaseMs * renewalAnswerPart));
}

/**
 * A lease shorter than requested does not count, because the attempt relies on the requested
 * length.
 */
function answerOf(answer: RenewalAnswer | undefined, leaseMs: number): RenewAnswer | undefined {
  if (answer === undefined) return undefined;
  if (!answer.held) return { held: false };
  if (answer.leaseMs < leaseMs) return undefined;
  return { held: true, leaseTime: 0, revision: 0, cancelRequested: answer.cancelRequested };
}
