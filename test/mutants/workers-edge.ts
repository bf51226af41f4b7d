import type { Mutant } from "./mutant.ts";

/**
 * Faults of the interface for workers without the store: `src/server/workers`, and the code that
 * writes its answers.
 */
export const WORKERS_EDGE: readonly Mutant[] = [
  {
    id: "network-worker-holds-for-ever",
    file: "src/engine/workers/outcomes.ts",
    find: "callers.ended(claimed);",
    replace: "",
    fault: "Operators see attempts as held that their worker has ended.",
  },
  {
    id: "network-worker-never-gone",
    file: "src/engine/workers/network-workers.ts",
    find: "if (draining) this.#known.delete(name);",
    replace: "",
    fault: "A network worker that has disappeared is reported again and again.",
  },
  {
    id: "claims-of-any-size",
    file: "src/server/workers/worker-service.ts",
    find: "else if (shown.length > 0 && bytes + size > CLAIMS_BYTES_MAX) left.push(claim.attempt);",
    replace: "else if (shown.length > 1e9) left.push(claim.attempt);",
    fault: "The answer to a claim is larger than peers can receive.",
  },
  {
    id: "first-claim-does-not-fit",
    file: "src/server/workers/worker-service.ts",
    find: "else if (shown.length > 0 && bytes + size",
    replace: "else if (bytes + size",
    fault: "A large operation is never given to any worker.",
  },
  {
    id: "what-does-not-fit-is-kept",
    file: "src/server/workers/worker-service.ts",
    find: "  giveBack(workers, caller, left, 0);\n",
    replace: "",
    fault: "Operations that do not fit in an answer are lost until their leases have expired.",
  },
  {
    id: "wrong-metadata-does-not-renew",
    file: "src/server/workers/attempts.ts",
    find: "if (error instanceof StatusError) return { attempt, metadata: undefined, refused: error };\n    throw error;",
    replace: "throw error;",
    fault: "Metadata that cannot be meant loses the lease.",
  },
  {
    id: "answers-out-of-order",
    file: "src/server/workers/entries.ts",
    find: "(sent[next++] as A)",
    replace: "(sent[next] as A)",
    fault: "Every entry is answered as the first.",
  },
  {
    id: "entries-without-end",
    file: "src/server/workers/entries.ts",
    find: "list.length === 0 || list.length > remoteEntriesMax",
    replace: "list.length === 0",
    fault: "A call has as many entries as its sender likes.",
  },
  {
    id: "errors-without-end",
    file: "src/server/workers/answers.ts",
    find: "if (text <= LIMITS.remoteErrorsTextMax) return answer;",
    replace: "if (text >= 0) return answer;",
    fault: "A thousand wrong entries are answered with more than a message holds.",
  },
  {
    id: "worker-number-is-rounded",
    file: "src/server/workers/json-payloads.ts",
    find: "if (lost !== undefined) throw lostNumberError(lost);",
    replace: "",
    fault: "A whole number of a response is kept as another.",
  },
  {
    id: "claim-without-its-caller",
    file: "src/server/rest/worker-calls.ts",
    find: "{ waiting: request.waiting() },",
    replace: "{},",
    fault: "A claim waits on when its caller has hung up, and takes work with it.",
  },
  {
    id: "claim-outlives-its-call",
    file: "src/server/rest/worker-calls.ts",
    find: "waitMsMax === undefined ? asked : Math.min(asked, waitMsMax)",
    replace: "asked",
    fault: "A claim waits on when its caller has given up, as it said it would.",
  },
  {
    id: "refused-entry-is-a-success",
    file: "src/server/rest/worker-calls.ts",
    find: "if (answer === undefined || answer.error !== undefined) throw errorOf(answer?.error);",
    replace: "if (answer === undefined) throw errorOf(undefined);",
    fault: "At the address of one operation a refused outcome is answered 200.",
  },
  {
    id: "sealed-request-is-claimed",
    file: "src/wire/worker.ts",
    find: "if (isSealed(request)) throw keyUnavailable();",
    replace: "",
    fault: "A worker is given the ciphertext of a request for the request.",
  },
];
