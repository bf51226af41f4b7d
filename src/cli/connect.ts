import { type CallEvent, type Client, createClient, type RetryOptions } from "../client/index.ts";
import { CommandError } from "./exit.ts";
import type { Io } from "./io.ts";
import { ServerSilence } from "./server-silence.ts";

/**
 * A client for one command: less patient than a program's, because a person waits for the message.
 *
 * @throws {CommandError} for an invalid address
 */
export function connect(
  io: Io,
  settings: { readonly server: string },
  retry: RetryOptions = { attempts: 3, initialDelay: "200ms", maxDelay: "2s" },
): Client {
  const { fetch, clock, random } = io;
  const silence = new ServerSilence(io, settings.server);
  const onCall = (event: CallEvent): void => silence.notice(event);
  try {
    return createClient(settings.server, { fetch, clock, random, retry, onCall });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new CommandError("usage", error.message, "Give another one with --server.");
  }
}

/** The flag of most commands. */
export const OUTPUT_OPTION = {
  type: "enum",
  values: ["text", "json"],
  default: "text",
  help: "How standard output is written: text for people, json for programs.",
} as const;
