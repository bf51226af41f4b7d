import { type Client, createClient } from "../client/index.ts";
import type { Io } from "./io.ts";

/** A client for one command: less patient than a program's, since a person waits for the message. */
export function connect(io: Io, settings: { readonly server: string }): Client {
  return createClient(settings.server, {
    fetch: io.fetch,
    clock: io.clock,
    random: io.random,
    retry: { attempts: 3, initialDelay: "200ms", maxDelay: "2s" },
  });
}

/** The flag that most commands have. */
export const OUTPUT_OPTION = {
  type: "enum",
  values: ["text", "json"],
  default: "text",
  help: "How standard output is written: text for people, json for programs.",
} as const;
