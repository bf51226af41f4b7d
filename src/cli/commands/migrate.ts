import { withoutPassword } from "../../core/value/secret.ts";
import { defineCommand } from "../command.ts";
import { OUTPUT_OPTION } from "../connect.ts";
import { CommandError } from "../exit.ts";
import { tellLog } from "../../core/event-log.ts";
import { createLog } from "../log/log.ts";
import { styleFor } from "../output/style.ts";
import { tableLines } from "../output/table.ts";

/** `longrunning migrate`. */
export const migrate = defineCommand({
  name: "migrate",
  summary: "Updates a store's schema, or shows the pending migrations.",
  description: [
    "The command serve also does this when it starts. Use migrate to do it at another time, with other rights, or to see the " +
      "pending migrations first. Migrations cannot be undone: keep a backup.",
  ],
  words: { usage: "", min: 0, max: 0 },
  options: {
    dryRun: {
      type: "boolean",
      default: false,
      help: "Shows the applied and the pending migrations; changes nothing.",
    },
    output: OUTPUT_OPTION,
  },
  settings: ["store", "config"],
  examples: [
    "longrunning migrate --dry-run",
    "longrunning migrate --store sqlite:/var/lib/archive/operations.db",
  ],
  exits: ["succeeded", "usage", "refused"],
  async run(io, { options, settings }) {
    const { applyMigrations, listMigrations } = await import("../../store/open.ts");
    const before = await listMigrations(settings.store).catch((error: unknown) => {
      // A wrong address is the caller's error, not a bug.
      throw error instanceof TypeError
        ? new CommandError("refused", error.message, "Correct --store.")
        : error;
    });
    const pending = before.filter((each) => each.applyTime === null);
    if (!options.dryRun && pending.length > 0) {
      const tell = tellLog(createLog(io, { format: "text", level: "info" }));
      await applyMigrations(settings.store, { clock: io.clock, tell });
    }
    const after = options.dryRun ? before : await listMigrations(settings.store);
    const style = styleFor(io, io.stdout);
    if (options.output === "json") {
      const shown = after.map(({ number, name, applyTime }) => ({
        number,
        name,
        applyTime: timeText(applyTime),
      }));
      io.stdout.write(`${JSON.stringify(shown, null, 2)}\n`);
    } else {
      const rows = after.map(({ name, applyTime }) => [
        name,
        applyTime === null ? "pending" : "applied",
        timeText(applyTime) ?? "",
      ]);
      const paint = (cell: string): string => (cell === "pending" ? style.yellow(cell) : cell);
      io.stdout.write(`${tableLines(rows, { paint }).join("\n")}\n`);
    }
    io.stderr.write(`${verdict(pending.length, options.dryRun)} (${withoutPassword(settings.store)})\n`);
    return "succeeded";
  },
});

function verdict(pendingCount: number, isDryRun: boolean): string {
  if (pendingCount === 0) return "The schema is up to date";
  return isDryRun ? `${pendingCount} pending; apply with: longrunning migrate` : `Applied ${pendingCount}`;
}

function timeText(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}
