import type { Tell } from "../core/events.ts";
import type { AttemptDetails } from "../core/method/attempt-details.ts";
import type { Random } from "../core/ports/random.ts";
import type { Tracing } from "../core/ports/tracing.ts";
import type { WorkerPort } from "../core/ports/worker-port.ts";
import type { Pauses } from "./outage.ts";

/** The settings that the attempts of one worker share. */
export interface AttemptSetting extends Pick<AttemptDetails, "clock" | "attemptToken" | "belongings"> {
  readonly attempts: WorkerPort;
  readonly random: Random;
  readonly tell: Tell;
  /** Undefined without tracing. */
  readonly tracing: Tracing | undefined;
  readonly leaseMs: number;
  readonly pauses: Pauses;
  /** The `domain` of errors to which the handler gave no ErrorInfo. */
  readonly domain: string;
}
