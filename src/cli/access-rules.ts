import { resolve } from "node:path";
import { loadRules } from "../access/load.ts";
import { type Rules, RulesError } from "../access/rules.ts";
import type { Served } from "../assembly/serve.ts";
import type { Tell } from "../core/events.ts";
import { CommandError, errorForLog } from "./exit.ts";
import type { Io } from "./io.ts";

/**
 * Reads a server's rules again on SIGHUP. It reports invalid rules, and keeps the old ones.
 * @returns a function that removes the listener
 */
export function reloadAccessOnHangup(
  io: Io,
  access: string,
  { served, tell }: { readonly served: Pick<Served, "operations">; readonly tell: Tell },
): () => void {
  const reload = async (): Promise<void> => {
    try {
      await served.operations.reloadAccess();
      tell["access.reloaded"]?.({ access });
    } catch (error) {
      tell["access.not-reloaded"]?.({ error: errorForLog(error) });
    }
  };
  return io.onHangup(() => void reload());
}

/**
 * Reads a file of access rules. A relative path is resolved against the directory of the command.
 *
 * @throws {RulesError} with every mistake in it
 * @throws {CommandError} if it cannot be read
 */
export async function readRules(io: Io, file: string): Promise<Rules> {
  try {
    return await loadRules(resolve(io.directory, file), file);
  } catch (error) {
    if (!(error instanceof TypeError) || error instanceof RulesError) throw error;
    throw new CommandError(
      "usage",
      `${error.message}.`,
      "Give the path of a file of access rules that this user may read.",
    );
  }
}
