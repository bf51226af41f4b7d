import { fileURLToPath } from "node:url";
import { ownEnvironment } from "../config/own-process.ts";
import type { Method } from "../core/method/method.ts";
import { loadMethodsAt } from "../declarations/load.ts";

/**
 * The methods that a file declares without code, in YAML or JSON; `docs/methods-file.md` says how it is written. It and the
 * files that it names are read once, as are the variables of this process that it names. Workers run the methods.
 *
 * @param file a path, relative to the directory of the process, or an address that begins with `file:`
 * @throws {MistakesError} a TypeError with every mistake, each with its file, line and column
 * @throws {TypeError} where the file cannot be read
 */
export function loadMethods(file: string | URL): Promise<readonly Method[]> {
  const path = file instanceof URL ? fileURLToPath(file) : file;
  return loadMethodsAt(path, { shown: path, environment: ownEnvironment() });
}
