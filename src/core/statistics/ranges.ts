/** The names of stretches of time up to now that operators look at. */
export const RANGE_NAMES = ["15m", "1h", "6h", "24h", "7d"] as const;

/** One of {@link RANGE_NAMES}. */
export type RangeName = (typeof RANGE_NAMES)[number];

/** Of who names none. */
export const RANGE_DEFAULT: RangeName = "1h";
