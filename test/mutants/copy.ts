import { execFileSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SourceFile } from "../support/source.ts";

export const ROOT = join(import.meta.dirname, "../..");
/** Made by `npm install`, and not tracked. */
const GENERATED = "src/wire/gen";

/**
 * A copy of the repository, as it is on the disk, in which faults are planted. The work tree is
 * only read.
 */
export class Copy implements Disposable {
  /** The folder of the copy. */
  readonly root: string;
  /** The folder for temporary files of tests that run in the copy. */
  readonly temporary: string;
  readonly #folder: string;
  /** Also removed if the run fails. */
  readonly #remove = (): void => rmSync(this.#folder, { recursive: true, force: true, maxRetries: 3 });

  constructor() {
    this.#folder = realpathSync(mkdtempSync(join(tmpdir(), "longrunning-mutants-")));
    this.root = join(this.#folder, "copy");
    this.temporary = join(this.#folder, "tmp");
    for (const path of trackedFiles()) cpSync(join(ROOT, path), join(this.root, path));
    cpSync(join(ROOT, GENERATED), join(this.root, GENERATED), { recursive: true });
    symlinkSync(join(ROOT, "node_modules"), join(this.root, "node_modules"));
    // The tidy test asks git for the list of files.
    execFileSync("git", ["init", "--quiet"], { cwd: this.root });
    // If the tests run as root, their PostgreSQL runs as another user.
    chmodSync(this.#folder, 0o755);
    this.clean();
    process.once("exit", this.#remove);
  }

  /** Writes a file of the copy, and restores its former text at the end. */
  replace(file: string, text: string): Disposable {
    const path = join(this.root, file);
    const before = readFileSync(path, "utf8");
    writeFileSync(path, text);
    return { [Symbol.dispose]: () => writeFileSync(path, before) };
  }

  read(file: string): string {
    return readFileSync(join(this.root, file), "utf8");
  }

  /** Removes the temporary files of tests, because some tests were killed. */
  clean(): void {
    rmSync(this.temporary, { recursive: true, force: true, maxRetries: 3 });
    mkdirSync(this.temporary, { mode: 0o777 });
  }

  [Symbol.dispose](): void {
    process.off("exit", this.#remove);
    this.#remove();
  }
}

/** The files of the repository with their texts, including untracked ones. */
export function repository(): readonly SourceFile[] {
  return trackedFiles()
    .filter((path) => /\.(?:ts|sql|json|md)$/.test(path) && !path.startsWith("bench/"))
    .map((path) => ({ path, text: readFileSync(join(ROOT, path), "utf8") }));
}

function trackedFiles(): string[] {
  const list = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: ROOT,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  const paths = [...new Set(list.split("\0"))].filter((path) => path !== "" && existsSync(join(ROOT, path)));
  return paths.filter((path) => statSync(join(ROOT, path)).isFile());
}
