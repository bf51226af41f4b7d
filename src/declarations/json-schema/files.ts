import { dirname, join, resolve } from "node:path";
import { LIMITS } from "../../core/limits.ts";
import { readDocument } from "../../forms/document.ts";
import type { Entry, Mistake } from "../../forms/entry.ts";
import { readWhole } from "../../files/file.ts";

/** The source of references: a file, or a schema within a methods file. */
export interface Source {
  /** Identifies the source. */
  readonly key: string;
  /** The name in messages. */
  readonly shown: string;
  readonly root: Entry;
  /** The folder of the file. */
  readonly folder: string;
}

/** The files referenced by a methods file, each read once. */
export class Files {
  readonly #mistakes: Mistake[];
  readonly #documents = new Map<string, Promise<Source | undefined>>();

  /** @param mistakes the list to add to */
  constructor(mistakes: Mistake[]) {
    this.#mistakes = mistakes;
  }

  /**
   * A file of JSON Schemas, as YAML or JSON.
   *
   * @param written relative to the folder of `from`
   * @param entry the entry at which mistakes are reported
   */
  async document(written: string, from: Source, entry: Entry): Promise<Source | undefined> {
    const path = resolve(from.folder, written);
    const known = this.#documents.get(path);
    if (known !== undefined) return known;
    if (this.#documents.size >= LIMITS.schemaFilesMax) {
      entry.refuse(`there are more than ${LIMITS.schemaFilesMax} files beside the file of methods`);
      return undefined;
    }
    const reading = this.#read(written, from, entry);
    this.#documents.set(path, reading);
    return reading;
  }

  /** The bytes of a file. @param entry the entry at which an unreadable or larger file is reported */
  async bytes(
    written: string,
    { folder, bytesMax }: { readonly folder: string; readonly bytesMax: number },
    entry: Entry,
  ): Promise<Uint8Array | undefined> {
    try {
      return await readWhole(resolve(folder, written), bytesMax);
    } catch (error) {
      entry.refuse(`"${written}" cannot be read: ${(error as Error).message}`);
      return undefined;
    }
  }

  async #read(written: string, from: Source, entry: Entry): Promise<Source | undefined> {
    const bytes = await this.bytes(written, { ...METHODS_DOCUMENT, folder: from.folder }, entry);
    if (bytes === undefined) return undefined;
    const key = resolve(from.folder, written);
    const shown = join(dirname(from.root.place.file), written);
    const root = await readDocument(bytes, {
      ...METHODS_DOCUMENT,
      file: shown,
      mistakes: this.#mistakes,
    });
    return root === undefined ? undefined : { key, shown, root, folder: dirname(key) };
  }
}

/** The options for reading methods files and JSON Schemas. */
export const METHODS_DOCUMENT = {
  kind: "a file of methods or schemas",
  bytesMax: LIMITS.methodsFileBytesMax,
  depthMax: LIMITS.methodsFileDepthMax,
  insteadOfAliases: 'write "$ref"',
} as const;
