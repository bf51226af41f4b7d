import type { Stats } from "node:fs";
import { lstat, readdir } from "node:fs/promises";
import { basename, join, relative } from "node:path";

/** An entry to pack. */
export interface TreeEntry {
  readonly path: string;
  /** Its path in the archive: from the directory's own name on, with forward slashes. */
  readonly name: string;
  readonly type: "directory" | "file" | "symlink";
  /** 0 for everything except files. */
  readonly bytes: number;
  readonly mode: number;
  readonly mtime: Date;
}

/**
 * A directory and everything below it, sorted by name, so that equal trees give equal archives.
 * Links are listed but never followed; sockets, pipes and devices are left out.
 */
export async function listTree(root: string, excluded: ReadonlySet<string>): Promise<readonly TreeEntry[]> {
  const entries: TreeEntry[] = [];
  const visit = async (path: string): Promise<void> => {
    const stats = await lstat(path);
    const type = typeOf(stats);
    if (type === undefined || excluded.has(path)) return;
    const name = join(basename(root) || "root", relative(root, path)).replaceAll("\\", "/");
    const { mode, mtime } = stats;
    entries.push({ path, name, type, bytes: type === "file" ? stats.size : 0, mode: mode & 0o7777, mtime });
    if (type !== "directory") return;
    for (const child of (await readdir(path)).toSorted()) await visit(join(path, child));
  };
  await visit(root);
  return entries;
}

function typeOf(stats: Stats): TreeEntry["type"] | undefined {
  if (stats.isDirectory()) return "directory";
  if (stats.isFile()) return "file";
  return stats.isSymbolicLink() ? "symlink" : undefined;
}
