/** The kinds of calls that have rates. */
export const RATE_METRICS = ["read", "write", "wait"] as const;

/** One of {@link RATE_METRICS}. */
export type RateMetric = (typeof RATE_METRICS)[number];

/**
 * The subjects of quotas: each tenant, each principal, or each of a principal's own users
 * (`quotaUser`).
 */
export const QUOTA_SUBJECTS = ["tenant", "principal", "quotaUser"] as const;

/** One of {@link QUOTA_SUBJECTS}. */
export type QuotaSubject = (typeof QUOTA_SUBJECTS)[number];

const WINDOWS = { s: ["Second", 1], m: ["Minute", 60], h: ["Hour", 3_600] } as const;

/** A number of calls in a window. */
export interface Rate {
  readonly calls: number;
  /** The length of the window in seconds. */
  readonly windowSeconds: number;
  /** The window's name in names of limits. */
  readonly windowName: "Second" | "Minute" | "Hour";
}

/** The limits of all or some subjects of a kind. For each rate, the first matching rule applies. */
export interface QuotaRule {
  readonly of: QuotaSubject;
  /** Names of tenants or principals; for a quota user, of its principal. Undefined: all. */
  readonly only: ReadonlySet<string> | undefined;
  readonly rates: Readonly<Partial<Record<RateMetric, Rate>>>;
  /** The limit of unfinished operations of a tenant. */
  readonly unfinished?: number | undefined;
}

/** The form of a rate, such as `600/m`. */
export const RATE_FORM = /^([1-9][0-9]{0,8})\/([smh])$/;

/** Parses a rate; undefined for invalid text. */
export function parseRate(text: string): Rate | undefined {
  const [, calls, unit] = RATE_FORM.exec(text) ?? [];
  if (calls === undefined || unit === undefined) return undefined;
  const [windowName, windowSeconds] = WINDOWS[unit as keyof typeof WINDOWS];
  return { calls: Number(calls), windowSeconds, windowName };
}
