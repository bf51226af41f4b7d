import { resolve } from "node:path";
import { withoutPassword } from "../../core/value/secret.ts";
import { defineCommand } from "../command.ts";
import { OUTPUT_OPTION } from "../connect.ts";
import { CommandError } from "../exit.ts";
import type { Io } from "../io.ts";

const MIB = 1024 ** 2;
const CLEAR_LINE = "\r\u001B[K";

/** `longrunning backup FILE`. */
export const backup = defineCommand({
  name: "backup",
  summary: "Copies a SQLite store into a new file. A server may be running.",
  description: [
    "The copy is a consistent snapshot of the store. It is synced to disk when the command ends, and readable only by its owner. " +
      "A running server is not disturbed. The command never overwrites a file.",
    "To restore, stop the server, remove its file with the -wal and -shm files, copy the backup to its place, and start the " +
      "server: operations are as they were at the backup, and operations that were running then run again.",
    "On PostgreSQL use pg_dump or base backups.",
  ],
  words: { usage: "FILE", min: 1, max: 1 },
  options: {
    output: OUTPUT_OPTION,
    json: { type: "boolean", default: false, help: "The same as --output json." },
  },
  settings: ["store", "config"],
  examples: [
    "longrunning backup /backup/operations-monday.db",
    "longrunning backup copy.db --store sqlite:/var/lib/archive/operations.db --output json",
  ],
  exits: ["succeeded", "usage", "unreachable", "refused", "interrupted"],
  async run(io, { words, options, settings }) {
    const { backupStore } = await import("../../store/backup.ts");
    const file = resolve(io.directory, words[0] ?? "");
    const startedAt = io.clock.monotonic();
    const isJson = options.json || options.output === "json";
    const controller = new AbortController();
    const removeListener = io.onInterrupt(() => controller.abort());
    const { signal } = controller;
    try {
      const { bytes } = await backupStore(settings.store, file, { signal, ...progressOf(io, isJson) });
      const seconds = Math.round(io.clock.monotonic() - startedAt) / 1_000;
      const store = withoutPassword(settings.store);
      const shown = isJson
        ? JSON.stringify({ store, file, bytes, seconds })
        : `Copied ${store} to ${file} (${(bytes / MIB).toFixed(1)} MiB in ${seconds} s)`;
      io.stdout.write(`${shown}\n`);
      return "succeeded";
    } catch (error) {
      if (!signal.aborted) throw error;
      throw new CommandError("interrupted", `Broken off; there is no "${file}".`);
    } finally {
      removeListener();
    }
  },
});

/** A progress line that is rewritten in place, on a terminal only. */
function progressOf(
  io: Io,
  isQuiet: boolean,
): { readonly onProgress?: (bytes: number, most: number) => void } {
  if (isQuiet || !io.stderr.isTerminal) return {};
  return {
    onProgress: (bytes, most) => {
      const isDone = bytes >= most;
      const line = `${(bytes / MIB).toFixed(1)} of at most ${(most / MIB).toFixed(1)} MiB`;
      io.stderr.write(isDone ? CLEAR_LINE : `${CLEAR_LINE}${line}`);
    },
  };
}
