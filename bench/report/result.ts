import { execFileSync } from "node:child_process";
import { cpus, release, totalmem } from "node:os";
import { DatabaseSync } from "node:sqlite";
import type { Finding, Size } from "../measure.ts";

/** One run of the benchmark, as it is kept. */
export interface BenchResult {
  readonly time: string;
  readonly commit: string;
  readonly machine: Readonly<Record<string, string>>;
  readonly size: Size;
  readonly measures: readonly MeasuredResult[];
}

/** What one measure found, or why it found nothing. */
export interface MeasuredResult {
  readonly name: string;
  readonly title: string;
  readonly seconds: number;
  readonly finding?: Finding;
  readonly failure?: string;
  /** The commit that was measured, where that is not the one of the whole run. */
  readonly commit?: string;
}

/** What the figures depend on. */
export function machineOf(generator: string, fsync: number): Readonly<Record<string, string>> {
  const processors = cpus();
  const database = new DatabaseSync(":memory:");
  const sqlite = database.prepare("select sqlite_version() as version").get()?.["version"];
  database.close();
  return {
    processor: `${processors.length} × ${processors[0]?.model.trim() ?? "unknown"}`,
    memory: `${Math.round(totalmem() / 1_073_741_824)} GiB`,
    "operating system": `${process.platform} ${release()}`,
    "Node.js": process.version,
    SQLite: String(sqlite),
    "load generator": generator,
    "the disk's fsync": `${fsync.toFixed(2)} ms`,
  };
}

/** The commit that was measured, with a plus where files differ from it. */
export function commitOf(): string {
  try {
    return `${git("rev-parse", "--short", "HEAD")}${git("status", "--porcelain") === "" ? "" : "+"}`;
  } catch {
    return "unknown";
  }
}

function git(...words: readonly string[]): string {
  return execFileSync("git", words, { encoding: "utf8", stdio: "pipe" }).trim();
}
