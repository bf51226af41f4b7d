import { z } from "zod";
import { StatusError } from "../core/error/error.ts";
import { defineMethod, type Method } from "../core/method/method.ts";
import { startTestServer, type TestServer } from "../testing/test-server.ts";

/** A server with methods for the tests of this room. */
export interface Bench extends AsyncDisposable {
  readonly url: string;
  readonly server: TestServer;
  /** Lets `hold` operations end. */
  release(): void;
}

/**
 * Starts the server: `echo` answers at once, `fail` and `crash` do what their names say, `hold`
 * runs until it is released.
 */
export async function aBench(): Promise<Bench> {
  const gate = Promise.withResolvers<void>();
  const server = await startTestServer(methods(gate.promise));
  return {
    url: server.url,
    server,
    release: gate.resolve,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

function methods(gate: Promise<void>): readonly Method[] {
  return [
    defineMethod({
      name: "echo",
      request: z.object({ text: z.string() }),
      response: z.object({ text: z.string() }),
      run: ({ text }) => ({ text }),
    }),
    defineMethod({
      name: "fail",
      request: z.object({}),
      run: () => {
        throw new StatusError("FAILED_PRECONDITION", "The disk is full.", { reason: "DISK_FULL" });
      },
    }),
    defineMethod({
      name: "hold",
      request: z.object({}),
      metadata: z.object({ progressPercent: z.number(), statusMessage: z.string() }),
      retry: { attempts: 1 },
      run: async (_request, context) => {
        context.report({ progressPercent: 40, statusMessage: "packing" });
        const aborted = Promise.withResolvers<never>();
        context.signal.addEventListener("abort", () => aborted.reject(context.signal.reason as Error));
        await Promise.race([gate, aborted.promise]);
      },
    }),
  ];
}
