const UNITS = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1_000],
] as const;

/** A duration for people, rounded down: `9 ms`, `0.3 s`, `22 s`, `10 min`, `3 h 12 min`, `2 d`. */
export function spanText(ms: number): string {
  if (ms >= 1 && ms < 100) return `${Math.floor(ms)} ms`;
  const [unit, unitMs] = UNITS.find(([, each]) => ms >= each) ?? ["s", 1_000];
  const count = Math.floor(ms / unitMs);
  if (count === 0) return `${Math.floor(ms / 100) / 10} s`;
  const minutes = unit === "h" ? Math.floor((ms % unitMs) / 60_000) : 0;
  return `${count} ${unit}${minutes === 0 ? "" : ` ${minutes} min`}`;
}
