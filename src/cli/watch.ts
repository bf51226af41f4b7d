import { type Client, type ClientOperation, StatusError } from "../client/index.ts";
import { SettingsError } from "../config/parse.ts";
import type { ExitName } from "./exit.ts";
import type { Io } from "./io.ts";
import { exitOfError, exitOfOperation } from "./outcome.ts";
import { progressFor } from "./output/progress.ts";
import { showOperation } from "./output/show.ts";
import { oneLine, styleFor } from "./output/style.ts";
import { serverFlag } from "./server-flag.ts";

/** The common options of commands that wait. */
export interface WatchOptions {
  readonly server: string;
  readonly output: "text" | "json";
  /** The time limit of the waiting, after which the operation continues; undefined for none. */
  readonly timeoutMs: number | undefined;
  /** The name of the method, if it is known. */
  readonly method?: string;
}

/**
 * Shows the progress of an operation until it is done, then the operation.
 *
 * Ctrl-C and the timeout end only the waiting: the operation continues, and the message says how to
 * resume.
 */
export async function watch(io: Io, client: Client, name: string, options: WatchOptions): Promise<ExitName> {
  const progress = progressFor(io);
  const stop = new AbortController();
  let why: "interrupted" | "stillRunning" | undefined;
  const end = (reason: typeof why) => () => {
    why ??= reason;
    stop.abort(new Error("The waiting was ended."));
  };
  const removeListener = io.onInterrupt(end("interrupted"));
  const timer =
    options.timeoutMs === undefined ? undefined : io.clock.after(options.timeoutMs, end("stillRunning"));
  let latest: ClientOperation | undefined;
  try {
    for await (const operation of client.updates(name, { signal: stop.signal })) {
      latest = operation;
      if (!operation.done) progress.show(operation);
    }
  } catch (error) {
    if (why === undefined) {
      if (error instanceof StatusError && exitOfError(error) === "unreachable")
        tellHowToResume(io, name, { server: options.server, why: "unreachable" });
      throw error;
    }
  } finally {
    removeListener();
    timer?.cancel();
    progress.end();
  }
  if (latest?.done === true) {
    showOperation(io, latest, options.output, options.method);
    return exitOfOperation(latest);
  }
  if (latest !== undefined && why === "stillRunning")
    showOperation(io, latest, options.output, options.method);
  tellHowToResume(io, name, { server: options.server, why: why ?? "stillRunning" });
  return why ?? "stillRunning";
}

const ENDINGS = {
  interrupted: ["Stopped waiting", "goes on"],
  stillRunning: ["The time to wait is over", "goes on"],
  unreachable: ["The server does not answer any more", "goes on if the server does, or when it is back"],
} as const;

function tellHowToResume(
  io: Io,
  name: string,
  { server, why }: { readonly server: string; readonly why: keyof typeof ENDINGS },
): void {
  const style = styleFor(io, io.stderr);
  const target = `${oneLine(name)}${serverFlag(server)}`;
  const [end, future] = ENDINGS[why];
  io.stderr.write(
    `${end}; ${style.bold(oneLine(name))} ${future}.\n` +
      `Wait for it again with:  longrunning wait ${target}\n` +
      `Cancel it with:          longrunning cancel ${target}\n`,
  );
}

/** Checks that a timeout is only given together with waiting. @throws {SettingsError} */
export function checkTimeout({
  wait,
  timeoutMs,
}: {
  readonly wait: boolean;
  readonly timeoutMs: number | undefined;
}): void {
  if (timeoutMs !== undefined && !wait)
    throw new SettingsError(["timeout: says how long --wait waits; give --wait too"]);
}
