import type { Mutant } from "./mutant.ts";

/** Faults of HTTP targets, and of the code that they use. */
export const HTTP_TARGET: readonly Mutant[] = [
  {
    id: "target-final-errors-tried-again",
    file: "src/http-target/answer.ts",
    find: "isWorthRetrying(status) ? Math.min(asked, LIMITS.httpTargetRetryMsMax) : null",
    replace: "Math.min(asked, LIMITS.httpTargetRetryMsMax)",
    fault: "Every error of a target is tried again.",
  },
  {
    id: "target-body-without-a-limit",
    file: "src/outbound/body.ts",
    find: "if (length > bytesMax)",
    replace: "if (length > bytesMax * 1_000)",
    fault: "A target may fill the memory of the process.",
  },
  {
    id: "target-time-of-the-body",
    file: "src/outbound/body.ts",
    find: '  signal.addEventListener("abort", abort, { once: true });\n',
    replace: "",
    fault: "A body that arrives very slowly is read for ever.",
  },
  {
    id: "target-numbers-rounded",
    file: "src/http-target/answer.ts",
    find: "if (lost !== undefined) throw",
    replace: "if (false) throw",
    fault: "A number of a response is kept as another.",
  },
  {
    id: "target-stops-another-attempt",
    file: "src/http-target/run.ts",
    find: 'if (reason.why !== "lease-lost") await',
    replace: "await",
    fault: "A worker that lost its lease tells the target to stop work that another worker has begun.",
  },
  {
    id: "target-token-kept-too-long",
    file: "src/http-target/identity-token.ts",
    find: "until: expires - LIMITS.identityTokenMarginMs",
    replace: "until: expires",
    fault: "A token is sent that expires on its way.",
  },
  {
    id: "lease-made-shorter",
    file: "src/store/sqlite/statements.ts",
    find: "set lease_time = max(lease_time, ?)\n",
    replace: "set lease_time = ?\n",
    fault: "On SQLite, a late renewal shortens a longer lease.",
  },
];
