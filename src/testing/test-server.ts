import type { Method } from "../core/method/method.ts";
import type { ServeOptions } from "../assembly/options.ts";
import { type Served, serve } from "../assembly/serve.ts";

/** A server for one test. */
export interface TestServer extends Served, AsyncDisposable {}

/**
 * Starts a server with a store in memory on a free port of 127.0.0.1:
 *
 * ```ts
 * await using server = await startTestServer([createArchive]);
 * ```
 *
 * @param options any option of {@link serve}, such as a {@link ManualClock}
 */
export async function startTestServer(
  methods: readonly Method[],
  options: Partial<ServeOptions> = {},
): Promise<TestServer> {
  const served = await serve({
    store: "sqlite::memory:",
    host: "127.0.0.1",
    port: 0,
    drain: "0s",
    ...options,
    methods,
  });
  return { ...served, [Symbol.asyncDispose]: () => served.stop() };
}
