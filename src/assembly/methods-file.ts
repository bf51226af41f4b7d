import { fileURLToPath } from "node:url";
import { ownEnvironment } from "../config/own-process.ts";
import type { Method } from "../core/method/method.ts";
import { loadMethodsAt } from "../declarations/load.ts";

/**
 * The methods that a file in YAML or JSON declares without code; `docs/methods-file.md` describes
 * the format. The file is read once, and so are the files and environment variables that it names.
 * Workers run the methods.
 *
 * @param file a path, relative to the directory of the process, or a `file:` URL
 * @throws {MistakesError} a TypeError with every mistake, each with its file, line and column
 * @throws {TypeError} if the file cannot be read
 */
export function loadMethods(file: string | URL): Promise<readonly Method[]> {
  const path = file instanceof URL ? fileURLToPath(file) : file;
  return loadMethodsAt(path, { shown: path, environment: ownEnvironment() });
}
