import { resolve } from "node:path";
import type { ServeOptions } from "../assembly/options.ts";
import { LIMITS } from "../core/limits.ts";
import { readWhole } from "../files/file.ts";
import { CommandError } from "./exit.ts";
import type { Io } from "./io.ts";

type FixedEndpoints = NonNullable<ServeOptions["webhookEndpoints"]>;

/**
 * Reads the file of webhook endpoints; undefined if none is set. Its entries are checked where they
 * are used.
 *
 * @throws {CommandError} if it cannot be read, or is not a JSON list. The message contains nothing
 *   of its text, which holds secrets
 */
export async function readWebhookFile(io: Io, file: string | undefined): Promise<FixedEndpoints | undefined> {
  if (file === undefined) return undefined;
  const endpoints = await listIn(resolve(io.directory, file));
  if (typeof endpoints !== "string") return endpoints;
  throw new CommandError(
    "usage",
    `webhookEndpoints: "${file}" ${endpoints}.`,
    'Give a JSON file such as [{"id": "billing", "url": "https://…", "secrets": ["whsec_…"]}].',
  );
}

/** The list in a file, or the reason why there is none. */
async function listIn(path: string): Promise<FixedEndpoints | string> {
  let text: string;
  try {
    text = new TextDecoder().decode(await readWhole(path, LIMITS.settingsFileBytesMax));
  } catch (error) {
    return `cannot be read: ${(error as Error).message}`;
  }
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? (value as FixedEndpoints) : "must be a list of endpoints";
  } catch (error) {
    // The rest of the message shows a part of the text.
    const place = / \(line \d+ column \d+\)/.exec((error as Error).message)?.[0] ?? "";
    return text.trim() === "" ? "is empty" : `is not valid JSON${place}`;
  }
}
