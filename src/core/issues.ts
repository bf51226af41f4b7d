import type { FieldViolation } from "./details.ts";
import { LIMITS } from "./limits.ts";
import { issuePath, type SchemaIssue } from "./schema.ts";

/** What is wrong with a value, on one line: `files[3].name: expected a string; size: must be positive`. */
export function issuesText(issues: readonly SchemaIssue[]): string {
  const told = issues.slice(0, LIMITS.issuesMax).map((issue) => {
    const path = issuePath(issue);
    return path === "" ? issue.message : `${path}: ${issue.message}`;
  });
  const more = issues.length - told.length;
  return [...told, ...(more > 0 ? [`and ${more} more`] : [])].join("; ");
}

/** The same as `google.rpc.BadRequest` has it; a violation of the whole value has no field. */
export function fieldViolations(issues: readonly SchemaIssue[]): readonly FieldViolation[] {
  return issues.slice(0, LIMITS.issuesMax).map((issue) => {
    const field = issuePath(issue);
    return { ...(field === "" ? {} : { field }), description: issue.message };
  });
}
