/** How large a run is. */
export interface ScaleSize {
  /** Turns of each shape; the median counts. */
  readonly rounds: number;
  /** Of each turn. */
  readonly seconds: number;
  /** Of load that is not counted. */
  readonly warmUpSeconds: number;
  /** For which idle processes are watched. */
  readonly idleSeconds: number;
}

export const FULL: ScaleSize = { rounds: 5, seconds: 4, warmUpSeconds: 3, idleSeconds: 20 };
export const SHORT: ScaleSize = { rounds: 1, seconds: 3, warmUpSeconds: 1, idleSeconds: 10 };
