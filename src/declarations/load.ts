import { dirname, resolve } from "node:path";
import { LIMITS } from "../core/limits.ts";
import type { Method } from "../core/method/method.ts";
import { readDocument } from "../forms/document.ts";
import type { Mistake } from "../forms/entry.ts";
import { readBytes } from "../files/file.ts";
import { MistakesError } from "../forms/mistakes.ts";
import { Declarer } from "./declare.ts";
import { type MethodEntry, METHODS_FILE } from "./forms.ts";
import { Files, METHODS_DOCUMENT } from "./json-schema/files.ts";

/** Options for reading a methods file. */
export interface LoadOptions {
  /** The name of the file in messages. */
  readonly shown: string;
  /** The variables that the file may name. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * The methods that a file in YAML or JSON declares without code; `docs/methods-file.md` describes
 * the format.
 *
 * @throws {MistakesError} a TypeError with every mistake, each with its file, line and column
 * @throws {TypeError} if the file cannot be read
 */
export async function loadMethodsAt(
  path: string,
  { shown, environment }: LoadOptions,
): Promise<readonly Method[]> {
  const mistakes: Mistake[] = [];
  const source = await bytesOf(path, shown);
  const root = await readDocument(source, { ...METHODS_DOCUMENT, file: shown, mistakes });
  const read = root === undefined ? undefined : METHODS_FILE.read(root);
  const { descriptors, methods: written = [] } = read ?? {};
  if (written.length > LIMITS.fileMethodsMax)
    root
      ?.nearest(["methods"])
      .refuse(`a file has at most ${LIMITS.fileMethodsMax} methods, got ${written.length}`);
  const folder = dirname(resolve(path));
  const declarer = new Declarer({ files: new Files(mistakes), folder, environment, descriptors, mistakes });
  const methods: Method[] = [];
  const first = new Map<string, MethodEntry>();
  for (const each of written.slice(0, LIMITS.fileMethodsMax)) {
    const method = await declarer.method(each);
    const name = each.written.name ?? method?.name;
    if (name !== undefined) refuseTwice(name, each, first);
    if (method !== undefined) methods.push(method);
  }
  if (mistakes.length > 0) throw new MistakesError(mistakes);
  return methods;
}

function refuseTwice(name: string, each: MethodEntry, first: Map<string, MethodEntry>): void {
  const other = first.get(name);
  if (other === undefined) first.set(name, each);
  else
    each.entry
      .nearest(["name"])
      .refuse(`the method "${name}" is declared twice; the first is in line ${other.entry.place.line}`);
}

async function bytesOf(path: string, shown: string): Promise<Uint8Array> {
  try {
    return await readBytes(path, METHODS_DOCUMENT.bytesMax);
  } catch (cause) {
    throw new TypeError(`The methods "${shown}" cannot be read: ${(cause as Error).message}`, { cause });
  }
}
