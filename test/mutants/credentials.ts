import type { Mutant } from "./mutant.ts";

/** Faults of what makes a caller of a request, and of what ends with its permission. */
export const CREDENTIALS: readonly Mutant[] = [
  {
    id: "held-call-outlives-its-credential",
    file: "src/engine/held-calls.ts",
    find: "if (refusal !== undefined) return held.end(refusal);",
    replace: "if (refusal !== undefined) return;",
    fault: "A wait goes on although the token that its caller came with has expired.",
  },
  {
    id: "held-call-outlives-its-permission",
    file: "src/engine/held-calls.ts",
    find: "if (!anew) return;",
    replace: "if (anew) return;",
    fault: "A wait goes on although its caller's key was revoked.",
  },
];
