import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, relative } from "node:path";
import { configOf, ignoredBy, type ImageConfig, type Instruction, type Stage } from "../containerfile.ts";

/**
 * Carries out a Containerfile without an engine. A stage is a folder:
 *
 * - {@link BASES} puts the contents of a base image there, from this machine: no more than the
 *   image is known to have;
 * - `RUN` runs on this machine, in the folder of the stage, so it proves nothing about the tools of
 *   the image;
 * - `COPY`, `WORKDIR`, `ENV`, `USER` and the rest do what they say.
 */
export interface Image extends Disposable {
  /** The root of its files. */
  readonly root: string;
  readonly config: ImageConfig;
}

/** Builds the last stage. @param context the folder whose files `COPY` takes @param ignored the text of its ignore file */
export function buildImage(stages: readonly Stage[], context: string, ignored: string): Image {
  const folder = mkdtempSync(join(tmpdir(), "longrunning-image-"));
  const roots = new Map<string, string>();
  const isIgnored = ignoredBy(ignored);
  let root = "";
  for (const [index, stage] of stages.entries()) {
    root = join(folder, String(index));
    mkdirSync(root);
    const prepare = BASES[stage.base];
    if (prepare === undefined) throw new Error(`Say in BASES what ${stage.base} brings`);
    prepare(root);
    roots.set(stage.name, root);
    carryOut(stage.instructions, { root, context, roots, isIgnored });
  }
  const last = stages.at(-1);
  if (last === undefined) throw new Error("A Containerfile without a stage");
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  return { root, config: configOf(last), [Symbol.dispose]: remove };
}

interface Place {
  readonly root: string;
  readonly context: string;
  readonly roots: ReadonlyMap<string, string>;
  readonly isIgnored: (path: string) => boolean;
}

function carryOut(instructions: readonly Instruction[], place: Place): void {
  let directory = "/";
  for (const { name, flags, rest } of instructions) {
    if (name === "WORKDIR") {
      directory = rest;
      mkdirSync(join(place.root, directory), { recursive: true });
    } else if (name === "RUN") {
      execFileSync("sh", ["-c", rest], { cwd: join(place.root, directory), stdio: "pipe" });
    } else if (name === "COPY") {
      copy(rest.split(/\s+/), flags["from"], { ...place, directory });
    }
  }
}

function copy(
  words: readonly string[],
  from: string | undefined,
  place: Place & { readonly directory: string },
): void {
  const source = from === undefined ? place.context : place.roots.get(from);
  if (source === undefined) throw new Error(`There is no stage ${from}`);
  const target = words.at(-1) ?? "";
  const to = join(place.root, target.startsWith("/") ? "" : place.directory, target);
  for (const pattern of words.slice(0, -1)) {
    const found = pathsLike(pattern.replace(/^\//, ""), source);
    if (found.length === 0) throw new Error(`COPY finds nothing like ${pattern}`);
    for (const path of found) {
      if (from === undefined && path === ".") copyContext(source, to, place.isIgnored);
      else copyPath(join(source, path), target.endsWith("/") ? join(to, basename(path)) : to);
    }
  }
}

function pathsLike(pattern: string, folder: string): readonly string[] {
  if (pattern.includes("*")) return globSync(pattern, { cwd: folder });
  return existsSync(join(folder, pattern)) ? [pattern] : [];
}

function copyPath(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  cpSync(from, to, { recursive: true, dereference: false, verbatimSymlinks: true });
}

/** Copies a file, or the target of a link. */
function copyTarget(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(from, to);
}

function copyContext(context: string, to: string, isIgnored: (path: string) => boolean): void {
  const filter = (from: string): boolean => !isIgnored(relative(context, from));
  cpSync(context, to, { recursive: true, filter, verbatimSymlinks: true });
}

/** The known contents of the base images: the parts that the service needs or could miss. */
const BASES: Readonly<Record<string, (root: string) => void>> = {
  "docker.io/library/node:26-trixie-slim": (root) => {
    copyPath(process.execPath, join(root, "usr/local/bin/node"));
    for (const path of librariesOf(process.execPath)) {
      // Debian keeps them here, whatever paths the loader reports.
      if (basename(path).startsWith("libatomic")) {
        copyTarget(path, join(root, "usr/lib/x86_64-linux-gnu", basename(path)));
      }
    }
  },
  // The image "cc" has libc6, libgcc-s1 and libstdc++6; Debian's loader also searches /usr/lib.
  "gcr.io/distroless/cc-debian13:nonroot": (root) => {
    for (const path of librariesOf(process.execPath)) {
      if (basename(path).startsWith("libatomic")) continue;
      copyTarget(path, join(root, path));
    }
    for (const path of ["etc", "tmp", "home/nonroot", "usr/lib"])
      mkdirSync(join(root, path), { recursive: true });
    writeFileSync(join(root, "etc/passwd"), "nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n");
    writeFileSync(join(root, "etc/group"), "nonroot:x:65532:\n");
    writeFileSync(join(root, "etc/nsswitch.conf"), "hosts: files dns\n");
  },
};

/** The files of a program's shared libraries, including its loader. */
function librariesOf(program: string): readonly string[] {
  const lines = execFileSync("ldd", [program], { encoding: "utf8" }).split("\n");
  return lines.flatMap((line) => /(?:=> )?(\/\S+) \(0x/.exec(line)?.[1] ?? []);
}
