/** The names of the periods up to now that operators can choose. */
export const RANGE_NAMES = ["15m", "1h", "6h", "24h", "7d"] as const;

/** One of {@link RANGE_NAMES}. */
export type RangeName = (typeof RANGE_NAMES)[number];

/** The default range. */
export const RANGE_DEFAULT: RangeName = "1h";
