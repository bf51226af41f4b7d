import { type CallEvent, type Client, createClient, type RetryOptions } from "../client/index.ts";
import { CommandError } from "./exit.ts";
import type { Io } from "./io.ts";
import { ServerSilence } from "./server-silence.ts";

/** The server of a command, and the credentials and headers for it. */
export interface CallerSettings {
  readonly server: string;
  readonly token?: string | undefined;
  readonly apiKey?: string | undefined;
  readonly header?: readonly string[] | undefined;
}

/** The headers of each call. */
export function callerHeaders({
  token,
  apiKey,
  header = [],
}: Omit<CallerSettings, "server">): Readonly<Record<string, string>> {
  return {
    ...headersOf(header),
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(apiKey === undefined ? {} : { "x-goog-api-key": apiKey }),
  };
}

/** Parses texts such as `x-team: archive`, by name. */
export function headersOf(lines: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
}

/**
 * A client for one command: less patient than a program's, because a person waits for the message.
 *
 * @throws {CommandError} for an invalid address
 */
export function connect(
  io: Io,
  settings: CallerSettings,
  retry: RetryOptions = { attempts: 3, initialDelay: "200ms", maxDelay: "2s" },
): Client {
  const { fetch, clock, random } = io;
  const silence = new ServerSilence(io, settings.server);
  const onCall = (event: CallEvent): void => silence.notice(event);
  try {
    return createClient(settings.server, {
      fetch,
      clock,
      random,
      retry,
      onCall,
      headers: callerHeaders(settings),
    });
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
