import { type FileHandle, open } from "node:fs/promises";
import type { LineOutput } from "./lines.ts";

/** Readable for its owner only, because it records who did what. */
const MODE = 0o600;

/** An open output, which can be opened again under its name. */
export interface AuditOutput extends LineOutput {
  /**
   * Continues in a new file of the same name, after the old one was moved. Rejects if that is
   * impossible.
   */
  reopen(): Promise<void>;
  close(): Promise<void>;
}

/** A file to which records are appended. */
export class AuditFile implements AuditOutput {
  readonly #path: string;
  #handle: FileHandle;

  private constructor(path: string, handle: FileHandle) {
    this.#path = path;
    this.#handle = handle;
  }

  /** @throws {TypeError} with the reason if the file cannot be opened */
  static async open(path: string): Promise<AuditFile> {
    try {
      return new AuditFile(path, await open(path, "a", MODE));
    } catch (error) {
      throw new TypeError(`audit: "${path}" cannot be opened: ${(error as Error).message}`, { cause: error });
    }
  }

  write(text: string): Promise<void> {
    return this.#handle.appendFile(text);
  }

  async reopen(): Promise<void> {
    const old = this.#handle;
    this.#handle = await open(this.#path, "a", MODE);
    await old.close();
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}

/** The standard output of the process. */
export function standardOutput(stream: Pick<NodeJS.WriteStream, "write">): AuditOutput {
  return {
    write: (text) =>
      new Promise((resolve, reject) => {
        stream.write(text, (error) => (error ? reject(error) : resolve()));
      }),
    reopen: async () => {},
    close: async () => {},
  };
}
