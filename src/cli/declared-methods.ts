import { resolve } from "node:path";
import type { Method } from "../core/method/method.ts";
import { MistakesError } from "../forms/mistakes.ts";
import { CommandError } from "./exit.ts";
import type { Io } from "./io.ts";

/**
 * Reads a file that declares methods. A relative path is resolved against the directory of the
 * command.
 *
 * @throws {MistakesError} with every mistake in it
 * @throws {CommandError} if it cannot be read
 */
export async function readMethodsFile(
  { directory, environment }: Pick<Io, "directory" | "environment">,
  file: string,
): Promise<readonly Method[]> {
  const { loadMethodsAt } = await import("../declarations/load.ts");
  try {
    return await loadMethodsAt(resolve(directory, file), { shown: file, environment });
  } catch (error) {
    if (!(error instanceof TypeError) || error instanceof MistakesError) throw error;
    const next = "Give the path of a file of methods that this user may read.";
    throw new CommandError("usage", `${error.message}.`, next);
  }
}

/** The same, for a command that needs the methods. @throws {CommandError} with every mistake */
export async function declaredMethods(
  io: Pick<Io, "directory" | "environment">,
  file: string,
): Promise<readonly Method[]> {
  try {
    return await readMethodsFile(io, file);
  } catch (error) {
    if (!(error instanceof MistakesError)) throw error;
    throw new CommandError(
      "usage",
      error.message,
      `Correct them, and look with: longrunning methods check ${file}`,
    );
  }
}
