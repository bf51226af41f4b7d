import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * Pages of `docs/` as projects: their snippets become files, and `longrunning` is this repository.
 */

/** The root of the repository. */
export const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** A fenced block of a page. */
export interface Block {
  readonly language: string;
  readonly code: string;
  /** The name in the comment of the first line, such as `archive.ts`; empty if there is none. */
  readonly file: string;
}

/** The blocks of a page of `docs/`, in their order. */
export function blocksOf(page: string): readonly Block[] {
  const text = readFileSync(join(ROOT, "docs", page), "utf8");
  return Array.from(text.matchAll(/^```(\w+)\n([^]*?)^```$/gm), ([, language = "", code = ""]) => ({
    language,
    code,
    file: /^(?:\/\/|#) ([\w./-]+\.\w+)\n/.exec(code)?.[1] ?? "",
  }));
}

/** The manifest of this package, with the sources instead of the built files. */
function manifest(): string {
  const { name, type, exports } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  const text = JSON.stringify({ name, type, exports });
  return text.replaceAll(/\{"types":"[^"]*","default":"\.\/dist\/([^"]*)\.js"\}/g, '"./src/$1.ts"');
}

/** The folder of this process's projects, which is removed at its end. */
const projects = mkdtempSync(join(tmpdir(), "longrunning-pages-"));
process.on("exit", () => rmSync(projects, { recursive: true, force: true }));

/** A folder of its own in which `longrunning` is this repository, with all installed packages. */
export function openProject(files: readonly Pick<Block, "file" | "code">[]): string {
  const folder = mkdtempSync(join(projects, "page-"));
  writeFileSync(join(folder, "package.json"), manifest());
  for (const name of ["src", "node_modules"]) symlinkSync(join(ROOT, name), join(folder, name));
  for (const { file, code } of files) {
    mkdirSync(join(folder, file, ".."), { recursive: true });
    writeFileSync(join(folder, file), code);
  }
  return folder;
}
