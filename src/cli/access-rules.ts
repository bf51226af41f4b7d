import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { parseRules, type Rules } from "../access/rules.ts";
import { CommandError } from "./exit.ts";
import type { Io } from "./io.ts";

/**
 * Reads a file of access rules. A relative path begins in the directory of the command.
 *
 * @throws {RulesError} with every mistake in it
 * @throws {CommandError} where it cannot be read
 */
export async function readRules(io: Io, file: string): Promise<Rules> {
  let source: string;
  try {
    source = await readFile(resolve(io.directory, file), "utf8");
  } catch (error) {
    throw new CommandError(
      "usage",
      `"${file}" cannot be read: ${(error as Error).message}.`,
      "Give the path of a file of access rules that this user may read.",
    );
  }
  return parseRules(source, file);
}
