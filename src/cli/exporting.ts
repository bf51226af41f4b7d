import type { Tell } from "../core/events.ts";
import type { Io } from "./io.ts";

/** A component that can be stopped. */
interface Stoppable<Options> {
  stop(options?: Options): Promise<void>;
}

/**
 * Opens a component while traces and metrics are exported to a collector; the remaining data is
 * sent after everything else has stopped.
 *
 * @param how.refusing converts an error of the export for the user
 */
export async function exporting<Options, S extends Stoppable<Options>>(
  open: () => Promise<S>,
  how: {
    readonly io: Io;
    readonly name: string;
    readonly tell: Tell;
    readonly refusing: <T>(begin: () => Promise<T>) => Promise<T>;
  },
): Promise<S> {
  const { io, name, tell, refusing } = how;
  const { startOtlp } = await import("../telemetry/opentelemetry/otlp.ts");
  const otlp = await refusing(() => startOtlp({ environment: io.environment, name, tell, clock: io.clock }));
  try {
    const opened = await open();
    const stop = async (options?: Options): Promise<void> => {
      await opened.stop(options);
      await otlp.stop();
    };
    return { ...opened, stop };
  } catch (error) {
    await otlp.stop();
    throw error;
  }
}
