import { exposureOf, isExposed } from "../../assembly/access-control.ts";
import { countOf } from "../output/count.ts";
import { hintsOf } from "../../access/hints.ts";
import { RulesError } from "../../access/rules.ts";
import { readRules } from "../access-rules.ts";
import { CommandError } from "../exit.ts";
import type { Io } from "../io.ts";
import type { Check } from "./check.ts";
import { issuerChecks } from "./issuers.ts";

/** The settings of access control. */
export interface AccessSettings {
  readonly host: string;
  readonly role: "all" | "api" | "worker";
  readonly access: string | undefined;
  readonly accessControl: boolean;
}

/**
 * Checks that something decides what callers may do, if other machines can call; otherwise no
 * check.
 */
export async function accessChecks(io: Io, settings: AccessSettings): Promise<readonly Check[]> {
  const { access, accessControl, host } = settings;
  const name = "access";
  if (access !== undefined) {
    try {
      const rules = await readRules(io, access);
      const issuers = await issuerChecks(io, rules.credentials.issuers);
      const hints = hintsOf(rules, io.clock.now());
      const message = [
        `${access} has ${countOf(rules.grants.length, "grant")} and no mistakes`,
        ...hints,
      ].join("; ");
      if (hints.length === 0) return [{ name, status: "ok", message }, ...issuers];
      return [{ name, status: "warn", message, next: "See docs/access.md and docs/quotas.md." }, ...issuers];
    } catch (error) {
      if (!(error instanceof RulesError || error instanceof CommandError)) throw error;
      const next = `To check the file alone: longrunning access check ${access}`;
      return [{ name, status: "fail", message: error.message, next }];
    }
  }
  if (!accessControl) {
    const message = `access control is off: every client that reaches ${host} may do everything`;
    const next = "Give rules with --access FILE, unless a proxy or a private network protects the server.";
    return [{ name, status: "warn", message, next }];
  }
  if (!isExposed(settings)) return [];
  return [
    { name, status: "fail", message: exposureOf(host), next: "Without one of them serve does not start." },
  ];
}
