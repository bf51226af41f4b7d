import { resolve } from "node:path";
import { LIMITS } from "../core/limits.ts";
import { readWhole } from "../files/file.ts";
import { CommandError } from "./exit.ts";
import type { Io } from "./io.ts";

const EXAMPLE = 'A request is an object, such as {"key": "value"}.';

/**
 * The request in `--json`: JSON text, `@FILE`, or `-` for standard input.
 *
 * @throws {CommandError} if it cannot be read or is not a JSON object
 */
export async function readBody(io: Io, json: string): Promise<Readonly<Record<string, unknown>>> {
  const { text, from } = await source(io, json);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CommandError(
      "usage",
      `json: expected JSON${from}: ${why}`,
      from === "" ? 'Quote it for the shell: --json \'{"key": "value"}\'' : EXAMPLE,
    );
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new CommandError(
      "usage",
      `json: expected a JSON object${from}, got ${text.trim().slice(0, 40)}`,
      EXAMPLE,
    );
  }
  return value as Readonly<Record<string, unknown>>;
}

async function source(io: Io, json: string): Promise<{ readonly text: string; readonly from: string }> {
  if (json === "-") return { text: await io.readStdin(), from: " on standard input" };
  if (!json.startsWith("@")) return { text: json, from: "" };
  const path = json.slice(1);
  try {
    const bytes = await readWhole(resolve(io.directory, path), LIMITS.settingsFileBytesMax);
    return { text: new TextDecoder().decode(bytes), from: ` in "${path}"` };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CommandError(
      "usage",
      `json: cannot read "${path}": ${why}`,
      "Give the path of a file behind the @.",
    );
  }
}
