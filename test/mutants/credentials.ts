import type { Mutant } from "./mutant.ts";

/** Faults in identifying the caller of a request, and in ending calls whose permission ends. */
export const CREDENTIALS: readonly Mutant[] = [
  {
    id: "held-call-outlives-its-credential",
    file: "src/engine/held-calls.ts",
    find: "if (refusal !== undefined) return held.end(refusal);",
    replace: "if (refusal !== undefined) return;",
    fault: "A wait continues although its caller's token has expired.",
  },
  {
    id: "held-call-outlives-its-permission",
    file: "src/engine/held-calls.ts",
    find: "if (!anew) return;",
    replace: "if (anew) return;",
    fault: "A wait continues although its caller's key was revoked.",
  },
  {
    id: "key-good-whatever-its-checksum",
    file: "src/access/credentials/api-key.ts",
    find: "return checksum(text.slice(0, -SUM_LENGTH)) === text.slice(-SUM_LENGTH);",
    replace: "return checksum(text.slice(0, -SUM_LENGTH)).length === SUM_LENGTH;",
    fault: "Every key that was mistyped costs a look at the store.",
  },
  {
    id: "key-checked-only-once",
    file: "src/access/credentials/known-key.ts",
    find: "    this.#onUse(this);",
    replace: "    if (this.checkedAt === 0) this.#onUse(this);",
    fault: "A key that another process has revoked is good for as long as it is used.",
  },
  {
    id: "key-good-while-the-store-is-away",
    file: "src/access/credentials/stored-keys.ts",
    find: "now - known.checkedAt <= 2 * LIMITS.apiKeyCheckMs",
    replace: "now >= known.checkedAt",
    fault: "A process that cannot reach the store lets revoked keys in.",
  },
  {
    id: "issuer-away-is-an-invalid-token",
    file: "src/access/credentials/tokens.ts",
    find: "if (error instanceof IssuerUnreachable) return unchecked(LIMITS.issuerRetryMs, error);",
    replace: "",
    fault: "Callers throw good tokens away, since their issuer does not answer.",
  },
  {
    id: "issuer-without-a-bound",
    file: "src/access/credentials/issuer-keys.ts",
    find: "if (bytes > issuerKeysBytesMax)",
    replace: "if (bytes < 0)",
    fault: "An issuer that never ends its answer fills the memory.",
  },
  {
    id: "any-email-is-somebody",
    file: "src/access/credentials/claims.ts",
    find: 'payload["email_verified"] === false',
    replace: 'payload["email_verified"] === null',
    fault: "A caller that creates an account with another person's address is identified as that person.",
  },
  {
    id: "certificate-of-any-authority",
    file: "src/access/credentials/client-certificates.ts",
    find: "if (certificate !== undefined && authorized !== true)",
    replace: "if (certificate !== undefined && authorized === undefined)",
    fault: "A self-made certificate identifies its caller.",
  },
  {
    id: "certificate-header-of-anybody",
    file: "src/access/credentials/client-certificates.ts",
    find: "if (header !== undefined && this.#isProxy(socket))",
    replace: "if (header !== undefined)",
    fault: "A caller can set the header that identifies it.",
  },
  {
    id: "two-tokens-in-two-headers",
    file: "src/access/credentials/presented.ts",
    find: "return count > 1;",
    replace: "return count > 2;",
    fault: "A proxy looks at one token, and the server at another.",
  },
];
