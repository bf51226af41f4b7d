import { existsSync, mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Creates a folder, and the folders above it, if they do not exist.
 *
 * Node's own option `recursive` never returns on a file system that creates no folders and reports
 * ENOENT, such as `/proc`.
 *
 * @param path an absolute path
 */
export function makeFolder(path: string): void {
  const missing: string[] = [];
  for (let each = path; !existsSync(each) && dirname(each) !== each; each = dirname(each)) missing.push(each);
  for (const each of missing.toReversed()) makeOne(each);
}

/** Another process may have created it in the meantime. */
function makeOne(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) throw error;
  }
}
