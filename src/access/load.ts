import { LIMITS } from "../core/limits.ts";
import { readBytes } from "../files/file.ts";
import { parseRules, type Rules } from "./rules.ts";

/**
 * Reads a file of rules.
 *
 * @param path relative to the directory of the process, or absolute
 * @param shown the path in messages
 * @throws {RulesError} with every mistake
 * @throws {TypeError} if the file cannot be read
 */
export async function loadRules(path: string, shown = path): Promise<Rules> {
  let source: Uint8Array;
  try {
    source = await readBytes(path, LIMITS.rulesBytesMax);
  } catch (error) {
    throw new TypeError(`The access rules "${shown}" cannot be read: ${(error as Error).message}`, {
      cause: error,
    });
  }
  return parseRules(source, shown);
}
