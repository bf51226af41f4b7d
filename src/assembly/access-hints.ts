import type { Tell } from "../core/events.ts";
import type { ReadAccess } from "./access.ts";
import { type QuotaOptions, quotaRulesOf } from "./quotas.ts";

/** The settings that may have parts without effect. */
export interface HintedAccess {
  readonly access: ReadAccess | undefined;
  /** The quotas in the options of the program; they replace those of the rules. */
  readonly quotas: readonly QuotaOptions[] | undefined;
}

/**
 * Emits `access.ineffective` for each part of access control that has no effect, whether a file or
 * the program gives it.
 *
 * @param now milliseconds since the epoch
 */
export async function tellHints(
  { access, quotas: options }: HintedAccess,
  { tell, now }: { readonly tell: Tell; readonly now: number },
): Promise<void> {
  const told = tell["access.ineffective"];
  const rules = access?.rules;
  if (told === undefined || (rules === undefined && options === undefined)) return;
  const { hintsOf, quotaHintsOf } = await import("../access/hints.ts");
  const own = options === undefined ? undefined : quotaRulesOf(options);
  const tenants = rules?.tenants ?? access?.options.tenants ?? [];
  const namesTenants = access?.options.authenticate !== undefined;
  const hints = [
    ...hintsOf(
      { ...rules, quotas: own ?? rules?.quotas ?? [], tenants: namesTenants ? undefined : tenants },
      now,
    ),
    ...quotaHintsOf(own ?? []),
  ];
  if (own !== undefined && (rules?.quotas.length ?? 0) > 0)
    hints.push("the quotas of the rules do not apply, because the program gives quotas");
  for (const message of hints) told({ message });
}
