import type { Mutant } from "./mutant.ts";

/** Faults of `src/audit`, and of the chain that calls it. */
export const AUDIT: readonly Mutant[] = [
  {
    id: "audit-answers-first",
    file: "src/engine/policy.ts",
    find: "if (kept !== undefined) await kept;",
    replace: "void kept;",
    fault: "A caller is answered before there is a record.",
  },
  {
    id: "audit-kept-polls",
    file: "src/engine/policy.ts",
    find: "if (this.#policy.audit.admit(call)) return undefined;",
    replace: "this.#policy.audit.admit(call);",
    fault: "A poll that is answered from memory does not wait for its record.",
  },
  {
    id: "audit-denied-reads",
    file: "src/audit/audit.ts",
    find: " || isDenied(error)) return true;",
    replace: ") return true;",
    fault: "A read that is refused has no record.",
  },
  {
    id: "audit-message",
    file: "src/audit/record.ts",
    find: "...(message === undefined ? {} : { message }),",
    replace: "...(message === undefined ? {} : { message: status?.message }),",
    fault: "The message of an error, which may quote a payload, is recorded.",
  },
  {
    id: "audit-credentials",
    file: "src/audit/record.ts",
    find: 'url?.split("?", 1)[0]?.slice(',
    replace: "url?.slice(",
    fault: "A key in the query of a refused request is recorded.",
  },
  {
    id: "audit-refused-twice",
    file: "src/server/authenticate.ts",
    find: "if (!refused.has(sender)) {",
    replace: "{",
    fault: "A poll with a wrong key has two records.",
  },
  {
    id: "audit-lines-lost",
    file: "src/audit/lines.ts",
    find: "this.#waiting = [...lines, ...this.#waiting];",
    replace: "",
    fault: "Lines that could not be written are not written later.",
  },
  {
    id: "audit-unbounded",
    file: "src/audit/lines.ts",
    find: "this.#bytes + bytes > LIMITS.auditBytesMax",
    replace: "false",
    fault: "Records fill the memory while the disk is full.",
  },
  {
    id: "audit-torn-line",
    file: "src/audit/lines.ts",
    find: "this.#fails ? `\\n${text}` : text",
    replace: "text",
    fault: "The first line after a failure continues an incomplete line.",
  },
  {
    id: "audit-not-reopened",
    file: "src/cli/commands/serve.ts",
    find: "if (settings.audit !== undefined) deaf.push(io.onHangup(() => void served.operations.reopenAudit()));",
    replace: "",
    fault: "A file that was moved away is written on after SIGHUP.",
  },
];
