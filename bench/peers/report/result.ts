import type { MeasuredResult } from "../../report/result.ts";
import type { PeerResult } from "../rounds.ts";
import type { PeersSize } from "../size.ts";

/** One run of the benchmark, as it is kept. */
export interface PeersResult {
  readonly time: string;
  readonly commit: string;
  readonly machine: Readonly<Record<string, string>>;
  readonly size: PeersSize;
  /** The stores that were used, by kind: version and settings. */
  readonly stores: Readonly<Record<string, string>>;
  readonly peers: readonly PeerResult[];
  /** What was measured of ours alone. */
  readonly measures: readonly MeasuredResult[];
}
