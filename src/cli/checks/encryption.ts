import type { SettingsFor } from "../../config/parse.ts";
import { countOf } from "../output/count.ts";
import { dayText, readKeks, withResources } from "../encryption.ts";
import { CommandError } from "../exit.ts";
import type { Io } from "../io.ts";
import { type Check, failedCheck } from "./check.ts";

const NAME = "encryption";

/** Checks that the keys exist that the store needs. No check without encryption. */
export async function encryptionChecks(
  io: Io,
  settings: SettingsFor<"store" | "kek" | "encrypt">,
): Promise<readonly Check[]> {
  const { kek: sources, encrypt } = settings;
  try {
    const keks = sources === undefined ? undefined : await readKeks(io, settings);
    const { statusOf } = await import("../../encryption/rotation.ts");
    const status = await withResources(io, settings, { readOnly: true, use: statusOf }).catch(
      () => undefined,
    );
    if (status === undefined) return keks === undefined ? [] : [ok("the keys can be read; the store cannot")];
    const missing = status.keks.filter(({ id }) => keks?.has(id) !== true).map(({ id }) => id);
    if (missing.length > 0) return [missingCheck(missing)];
    if (keks === undefined) return [];
    const others = status.keks.filter(({ id, keys }) => id !== keks.first.id && keys > 0);
    const old = others.reduce((sum, { keys }) => sum + keys, 0);
    const since = status.oldestDay === null ? "" : `, the oldest of ${dayText(status.oldestDay)}`;
    const what = encrypt ? "payloads are encrypted" : "new payloads are not encrypted";
    const message = `${what}: ${countOf(status.keys, "key")}, tenants: ${status.tenants}${since}; ${status.shredded} shredded`;
    const next = `Older KEKs wrap ${old} of them; wrap them anew with: longrunning encryption rewrap`;
    return [old === 0 ? ok(message) : { ...ok(message), status: "warn", next }];
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return [failedCheck(NAME, error, error.next ?? "")];
  }
}

function ok(message: string): Check {
  return { name: NAME, status: "ok", message };
}

function missingCheck(missing: readonly string[]): Check {
  return {
    name: NAME,
    status: "fail",
    message: `the store has payloads or credentials that are encrypted with KEKs that are not available: ${missing.join(", ")}`,
    next: "Give all that are in use with --kek; docs/encryption.md has more.",
  };
}
