import { execFile } from "node:child_process";
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { type DeclaredMethod, isDeclaredMethod } from "../core/method/answered-method.ts";
import { isUnboundMethod, type UnboundMethod } from "../core/method/unbound-method.ts";
import type { Tell } from "../core/events.ts";
import { LIMITS } from "../core/limits.ts";
import { readWhole } from "../files/file.ts";
import type { Descriptors } from "../proto.ts";
import { declaredMethods } from "./declared-methods.ts";
import { CommandError } from "./exit.ts";
import type { Io } from "./io.ts";

/** The sources of a server's methods. */
export interface MethodFiles {
  /** TypeScript or JavaScript files, relative to the directory. */
  readonly modules: readonly string[];
  /** A descriptor set, for handlers that name their RPC; empty for none. */
  readonly descriptors?: string;
  /** A file that declares methods without code. @default none */
  readonly declarations?: string | undefined;
}

type LoadingIo = Pick<Io, "directory" | "environment" | "clock">;

/** The exports of a module, by name. */
type Exported = Readonly<Record<string, unknown>>;

/**
 * The methods that modules export, and those that a file declares.
 *
 * A module may wait for ever in a top-level await. Loading waits for it, and emits `module.delayed`.
 *
 * @param io its directory is the base of relative paths; files may name its variables
 * @throws {CommandError} with the file and the reason
 */
export async function loadMethods(
  { modules, descriptors = "", declarations }: MethodFiles,
  io: LoadingIo,
  tell: Tell,
): Promise<readonly DeclaredMethod[]> {
  const { directory } = io;
  const described = descriptors === "" ? undefined : await loadDescriptors(descriptors, directory);
  const owners = new Map<string, { readonly method: DeclaredMethod; readonly file: string }>();
  const found: [string, readonly DeclaredMethod[]][] = [];
  for (const file of modules) {
    const exported = await inTime(file, { io, tell });
    found.push([file, methodsOf(exported, file, described)]);
  }
  if (declarations !== undefined) found.push([declarations, await declaredMethods(io, declarations)]);
  for (const [file, methods] of found) {
    for (const method of methods) {
      const owner = owners.get(method.name);
      // One value with two names, or exported again by another file, is one method.
      if (owner !== undefined && owner.method !== method) {
        throw new CommandError(
          "usage",
          `Method "${method.name}" is declared twice: in "${owner.file}" and in "${file}".`,
          "Give one of them another name: it is their address.",
        );
      }
      owners.set(method.name, { method, file });
    }
  }
  return [...owners.values()].map((owner) => owner.method);
}

/** Imports a module; the log names it if that takes long. */
async function inTime(
  file: string,
  { io, tell }: { readonly io: LoadingIo; readonly tell: Tell },
): Promise<Exported> {
  const late = io.clock.after(LIMITS.moduleLoadingMs, () => tell["module.delayed"]?.({ file }));
  try {
    return await importFile(file, io.directory);
  } finally {
    late.cancel();
  }
}

/** The methods among the exports of a module. @throws {CommandError} if there is none */
function methodsOf(
  exported: Exported,
  file: string,
  described: Descriptors | undefined,
): readonly DeclaredMethod[] {
  const methods = Object.values(exported).flatMap((value) => {
    if (isUnboundMethod(value)) return [bound(value, described, file)];
    return isDeclaredMethod(value) ? [value] : [];
  });
  if (methods.length === 0) throw noMethods(file, Object.keys(exported));
  return methods;
}

async function loadDescriptors(file: string, directory: string): Promise<Descriptors> {
  try {
    const { readDescriptors } = await import("../proto.ts");
    return readDescriptors(await readWhole(resolve(directory, file), LIMITS.descriptorsBytesMax));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CommandError("usage", `--descriptors ${file}: ${why}`, "Make it with: buf build -o api.binpb");
  }
}

function bound(method: UnboundMethod, descriptors: Descriptors | undefined, file: string): DeclaredMethod {
  if (descriptors === undefined) {
    throw new CommandError(
      "usage",
      `"${file}" has a handler for ${method.rpcName}, which nothing describes.`,
      "Give the descriptors of the API: --descriptors api.binpb",
    );
  }
  try {
    return method.bind(descriptors);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new CommandError("usage", `"${file}": ${error.message}`, "Correct the module or the descriptors.");
  }
}

async function importFile(file: string, directory: string): Promise<Exported> {
  const path = resolve(directory, file);
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) {
    throw new CommandError(
      "usage",
      `There is no file "${file}" in ${directory}.`,
      "Give the path of a module that exports methods.",
    );
  }
  if (found.isDirectory()) {
    throw new CommandError(
      "usage",
      `"${file}" is a directory.`,
      "Give the path of a module in it that exports methods.",
    );
  }
  // Importing a FIFO would block the process.
  if (!found.isFile()) {
    throw new CommandError(
      "usage",
      `"${file}" is not a file, but a FIFO, a device or a socket.`,
      "Give the path of a module that exports methods.",
    );
  }
  try {
    return (await import(pathToFileURL(path).href)) as Exported;
  } catch (error) {
    const placed = hasNoPlace(error) ? await placeOf(error, path) : undefined;
    const advice = placed === undefined ? adviceFor(error) : ADVICE["ERR_INVALID_TYPESCRIPT_SYNTAX"];
    const story = placed ?? storyOf(error, path);
    throw new CommandError("usage", `"${file}" cannot be loaded: ${story}`, advice);
  }
}

function noMethods(file: string, names: readonly string[]): CommandError {
  const exports = names.length === 0 ? "It exports nothing." : `It exports ${names.join(", ")}.`;
  return new CommandError(
    "usage",
    `"${file}" exports no method. ${exports}`,
    'Export what defineMethod returns: export const createArchive = defineMethod({ name: "createArchive", … })',
  );
}

/** The error with its stack, without the lines about Node and about this package. */
function storyOf(error: unknown, path: string): string {
  if (!(error instanceof Error)) return String(error);
  const lines = (error.stack ?? error.message).split("\n");
  // The import, and all that led to it.
  const end = lines.findIndex((line) => /^ +at /.test(line) && line.includes(import.meta.url));
  const isForeign = (line: string): boolean =>
    !/^ +at .*\bnode:/.test(line) && (!/^ +at /.test(line) || !line.includes(OWN) || isOwn(path));
  return lines
    .slice(0, end === -1 ? undefined : end)
    .filter(isForeign)
    .join("\n");
}

/** The folder of this package's code. */
const OWN = new URL("../", import.meta.url).href;

function isOwn(path: string): boolean {
  return pathToFileURL(path).href.startsWith(OWN);
}

/**
 * The place of a mistake in the syntax of JavaScript, from `node --check`, which runs no code of
 * the module: an error of `import()` does not have the place. Undefined if the mistake is in a module
 * that this one imports.
 */
async function placeOf(error: SyntaxError, path: string): Promise<string | undefined> {
  const written = await standardErrorOf(["--check", path]);
  const story = /^(?:.*\n)*?\w*SyntaxError.*$/m.exec(written)?.[0];
  return story?.includes(error.message) === true ? story : undefined;
}

/** The standard error of Node with these words. */
async function standardErrorOf(words: readonly string[]): Promise<string> {
  try {
    return (await promisify(execFile)(process.execPath, words, { timeout: CHECK_MS_MAX })).stderr;
  } catch (failure) {
    return failure instanceof Error && "stderr" in failure ? String(failure.stderr) : "";
  }
}

const CHECK_MS_MAX = 10_000;

/** Whether it is about the syntax of JavaScript, and its stack begins with the error itself. */
function hasNoPlace(error: unknown): error is SyntaxError {
  return error instanceof SyntaxError && !("code" in error) && /^\w*Error\b/.test(error.stack ?? "");
}

function adviceFor(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (error instanceof SyntaxError && /outside a module|Unexpected token 'export'/.test(error.message)) {
    return 'Say that it is a module: "type": "module" in the nearest package.json, or a name that ends in .mts or .mjs.';
  }
  if (hasNoPlace(error))
    return "Correct the syntax of a module that it imports; this shows the place: node --check FILE";
  return ADVICE[code] ?? "Correct the module; the lines above say where.";
}

const NO_MODULE =
  "Use .ts, .mts, .js or .mjs; a file that declares methods without code goes behind --methods.";

const ADVICE: Readonly<Record<string, string>> = {
  ERR_MODULE_NOT_FOUND:
    "Install what it imports with: npm install; relative imports need their file extension.",
  ERR_UNKNOWN_FILE_EXTENSION: NO_MODULE,
  ERR_IMPORT_ATTRIBUTE_MISSING: NO_MODULE,
  EACCES: "Let this user read the file.",
  ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX:
    "Node only strips types: write enums, namespaces and parameter properties in plain JavaScript.",
  ERR_INVALID_TYPESCRIPT_SYNTAX: "Correct the syntax; the lines above say where.",
};
