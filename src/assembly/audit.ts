import type { AuditLog } from "../audit/audit.ts";
import type { Tell } from "../core/events.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Random } from "../core/ports/random.ts";
import type { readOpenOptions } from "./options.ts";

type Settings = Pick<ReturnType<typeof readOpenOptions>, "audit" | "auditReads" | "auditFailure" | "name">;

/** The setting for standard output. */
const STANDARD_OUTPUT = "-";

/**
 * Opens the audit log. Undefined without a setting: then nothing is loaded.
 *
 * @throws {TypeError} if the file cannot be opened
 */
export async function auditOf(
  { audit: path, auditReads: reads, auditFailure: onFailure, name: service }: Settings,
  parts: { readonly clock: Clock; readonly random: Random; readonly tell: Tell },
): Promise<AuditLog | undefined> {
  if (path === undefined) return undefined;
  const [{ AuditLog }, { AuditFile, standardOutput }] = await Promise.all([
    import("../audit/audit.ts"),
    import("../audit/output.ts"),
  ]);
  const output =
    path === STANDARD_OUTPUT ? standardOutput(process.stdout) : await AuditFile.open(path, parts.clock);
  return new AuditLog({ ...parts, output, reads, onFailure, service });
}
