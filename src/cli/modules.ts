import { readFile, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { type DeclaredMethod, isDeclaredMethod } from "../core/method/answered-method.ts";
import { isUnboundMethod, type UnboundMethod } from "../core/method/unbound-method.ts";
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

/**
 * The methods that modules export, and those that a file declares.
 *
 * @param io its directory is the base of relative paths; files may name its variables
 * @throws {CommandError} with the file and the reason
 */
export async function loadMethods(
  { modules, descriptors = "", declarations }: MethodFiles,
  io: Pick<Io, "directory" | "environment">,
): Promise<readonly DeclaredMethod[]> {
  const { directory } = io;
  const described = descriptors === "" ? undefined : await loadDescriptors(descriptors, directory);
  const owners = new Map<string, { readonly method: DeclaredMethod; readonly file: string }>();
  const found: [string, readonly DeclaredMethod[]][] = [];
  for (const file of modules) found.push([file, await exportedMethods(file, directory, described)]);
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

async function exportedMethods(
  file: string,
  directory: string,
  described: Descriptors | undefined,
): Promise<readonly DeclaredMethod[]> {
  const exported = await importFile(file, directory);
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
    return readDescriptors(await readFile(resolve(directory, file)));
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

async function importFile(file: string, directory: string): Promise<Readonly<Record<string, unknown>>> {
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
  try {
    return (await import(pathToFileURL(path).href)) as Readonly<Record<string, unknown>>;
  } catch (error) {
    throw new CommandError("usage", `"${file}" cannot be loaded: ${storyOf(error)}`, adviceFor(error));
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

/** The error with its stack, without the lines about Node itself. */
function storyOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const lines = (error.stack ?? error.message).split("\n");
  return lines.filter((line) => !/^ +at .*\bnode:/.test(line)).join("\n");
}

function adviceFor(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (error instanceof SyntaxError && /outside a module|Unexpected token 'export'/.test(error.message)) {
    return 'Say that it is a module: "type": "module" in the nearest package.json, or a name that ends in .mts or .mjs.';
  }
  return ADVICE[code] ?? "Correct the module; the lines above say where.";
}

const ADVICE: Readonly<Record<string, string>> = {
  ERR_MODULE_NOT_FOUND:
    "Install what it imports with: npm install; relative imports need their file extension.",
  ERR_UNKNOWN_FILE_EXTENSION: "Use .ts, .mts, .js or .mjs.",
  ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX:
    "Node only strips types: write enums, namespaces and parameter properties in plain JavaScript.",
  ERR_INVALID_TYPESCRIPT_SYNTAX: "Correct the syntax; the lines above say where.",
};
