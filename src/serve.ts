import { type Duration, durationMs } from "./core/duration.ts";
import { LIMITS } from "./core/limits.ts";
import { silentLog } from "./core/log.ts";
import { type OpenedOperations, type OpenOptions, openOperations } from "./open.ts";
import { listen } from "./server/listen.ts";

/** What {@link serve} is given: all of {@link OpenOptions}, and where to listen. */
export interface ServeOptions extends OpenOptions {
  /** @default "127.0.0.1": whoever may connect may do everything, so this is for a proxy or for this machine */
  readonly host?: string;
  /** 0 for any free one. @default 8080 */
  readonly port?: number;
}

/** A running server. */
export interface Served {
  /** Such as `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly operations: OpenedOperations;
  /** Answers what is under way, gives running handlers time to end, gives back the rest, and closes everything. */
  stop(options?: { readonly drain?: Duration }): Promise<void>;
}

/**
 * Opens operations and serves them over HTTP.
 *
 * @throws {TypeError} for options that make no sense, or an address that is taken, saying what to do
 * @throws {StatusError} when the store cannot be opened
 */
export async function serve(options: ServeOptions): Promise<Served> {
  const { host = "127.0.0.1", port = 8080, log = silentLog } = options;
  const operations = await openOperations(options);
  try {
    const listening = await listen(operations.requestListener(), { host, port, log });
    const shownHost = listening.address.includes(":") ? `[${listening.address}]` : listening.address;
    return {
      url: `http://${shownHost}:${listening.port}`,
      operations,
      stop: async (how = {}) => {
        const drain = how.drain ?? options.drain;
        // The waits are answered by stopping the operations; only then can the sockets close.
        const closed = listening.close({
          graceMs: drain === undefined ? LIMITS.drainMs : durationMs("drain", drain),
        });
        await operations.stop(how);
        await closed;
      },
    };
  } catch (error) {
    await operations.stop();
    throw error;
  }
}
