import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { StoreServer } from "./store.ts";

/** A new SQLite file in each turn. */
export function sqliteFiles(folder: string): StoreServer {
  return {
    settings: "SQLite of Node.js, journal_mode=wal, synchronous=full",
    async open() {
      const own = mkdtempSync(join(folder, "sqlite-"));
      const address = join(own, "operations.db");
      return {
        address,
        pids: [],
        async diskBytes() {
          checkpoint(address);
          return bytesIn(own);
        },
        close: async () => rmSync(own, { recursive: true, force: true }),
      };
    },
    close: async () => {},
  };
}

/** A new folder in each turn. */
export function folders(folder: string): StoreServer {
  return {
    settings: "its own files",
    async open() {
      const address = mkdtempSync(join(folder, "own-"));
      return {
        address,
        pids: [],
        diskBytes: async () => bytesIn(address),
        close: async () => rmSync(address, { recursive: true, force: true }),
      };
    },
    close: async () => {},
  };
}

/** Copies the write-ahead log into the file, as far as no other connection prevents it. */
function checkpoint(file: string): void {
  const database = new DatabaseSync(file);
  try {
    database.exec("pragma wal_checkpoint(truncate)");
  } catch {
    // The file is in use; then the log is counted as it is.
  } finally {
    database.close();
  }
}

/**
 * The total size of the files below a folder. Space that is reserved beyond the end of a file does
 * not count.
 */
export function bytesIn(folder: string): number {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => statSync(join(entry.parentPath, entry.name)).size)
    .reduce((sum, bytes) => sum + bytes, 0);
}
