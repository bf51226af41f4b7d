import type { Io } from "../io.ts";
import { oneLine } from "../output/style.ts";
import { serverFlag } from "../server-flag.ts";
import type { OperatorsClient, Selection } from "./client.ts";
import { countText, timeText } from "./words.ts";

/** The request of `longrunning cancel --filter`. */
export interface CancelMany extends Selection {
  /** Shows what would be cancelled, and cancels nothing. */
  readonly dryRun: boolean;
  readonly server: string;
}

/**
 * Counts the operations of a selection, shows their number and examples, and lets the server cancel
 * them in a separate operation. Operations started after the count are not affected.
 *
 * @returns the name of that operation; undefined if nothing is cancelled
 */
export async function cancelMany(
  io: Io,
  client: OperatorsClient,
  { dryRun, server, ...selection }: CancelMany,
): Promise<string | undefined> {
  const { message } = await client.count(selection);
  const { count, complete, done, lookedAt, examples, notAfter } = message;
  const unfinished = count - done;
  const least = complete ? "" : ` at least, of the ${countText(lookedAt)} that were looked at`;
  const skipped = done === 0 ? "" : `; ${countText(done)} of them are done and stay as they are`;
  io.stderr.write(`${countText(count)} operations match${least}${skipped}.\n`);
  for (const { name, state } of examples) io.stderr.write(`  ${oneLine(name)} ${state}\n`);
  if (count > examples.length && examples.length > 0) io.stderr.write("  …\n");
  if (dryRun || (complete && unfinished === 0)) {
    io.stderr.write(
      dryRun ? "Nothing was cancelled: this was a dry run.\n" : "There is nothing to cancel.\n",
    );
    return undefined;
  }
  const name = await client.bulk({
    ...selection,
    action: "cancel",
    notAfter: timeText(notAfter) ?? "",
    expected: complete ? count : 0,
  });
  io.stderr.write(`Cancelling continues as ${oneLine(name)}.\n`);
  io.stderr.write(`See how it goes with: longrunning wait ${oneLine(name)}${serverFlag(server)}\n`);
  return name;
}
