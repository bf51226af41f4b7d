import type { FileHandle } from "node:fs/promises";
import type { Clock } from "../core/ports/clock.ts";
import { append, openToAppend } from "../files/append.ts";
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

/** A file to which records are appended; it may be a FIFO that another program reads. */
export class AuditFile implements AuditOutput {
  readonly #path: string;
  readonly #clock: Clock;
  #handle: FileHandle;

  private constructor(handle: FileHandle, { path, clock }: { readonly path: string; readonly clock: Clock }) {
    this.#path = path;
    this.#clock = clock;
    this.#handle = handle;
  }

  /**
   * @param clock the time that a FIFO waits by
   * @throws {TypeError} with the reason and the remedy if the file cannot be opened
   */
  static async open(path: string, clock: Clock): Promise<AuditFile> {
    try {
      return new AuditFile(await openToAppend(path, { mode: MODE, clock }), { path, clock });
    } catch (error) {
      throw new TypeError(
        `audit: "${path}" cannot be opened: ${(error as Error).message}. Give the path of a file that this user may write.`,
        { cause: error },
      );
    }
  }

  write(text: string): Promise<void> {
    return append(this.#handle, text, this.#clock);
  }

  async reopen(): Promise<void> {
    const old = this.#handle;
    this.#handle = await openToAppend(this.#path, { mode: MODE, clock: this.#clock });
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
