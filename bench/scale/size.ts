/** The size of a run. */
export interface ScaleSize {
  /** Turns of each shape; the median is reported. */
  readonly rounds: number;
  /** The length of each turn. */
  readonly seconds: number;
  /** Operations of the warm-up, for each process of the role that has more of them. */
  readonly warmUpOperations: number;
  /** How long idle processes are watched. */
  readonly idleSeconds: number;
}

export const FULL: ScaleSize = { rounds: 5, seconds: 4, warmUpOperations: 4_000, idleSeconds: 20 };
export const SHORT: ScaleSize = { rounds: 1, seconds: 3, warmUpOperations: 200, idleSeconds: 10 };
