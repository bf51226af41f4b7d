import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { link, mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type ServerProcess, startServerProcess } from "../support/server-process.ts";

const EXAMPLE = fileURLToPath(new URL("../../examples/archive/archive.ts", import.meta.url));
const MEBIBYTE = 1_048_576;

/** The real example behind the real server, in a temporary folder of its own. */
export class ArchiveService implements AsyncDisposable {
  /** For trees and archives; it also contains the database. */
  readonly folder: string;
  /** Stays the same when the server restarts. */
  readonly url: string;
  #server: ServerProcess;

  static async start(flags: readonly string[] = []): Promise<ArchiveService> {
    const folder = await realpath(await mkdtemp(join(tmpdir(), "longrunning-clients-")));
    try {
      return new ArchiveService(folder, await serve(folder, flags));
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  private constructor(folder: string, server: ServerProcess) {
    this.folder = folder;
    this.#server = server;
    this.url = server.url;
  }

  /** A path in {@link folder}. */
  path(...parts: readonly string[]): string {
    return join(this.folder, ...parts);
  }

  /** Ends the server like a power failure: none of its processes remains. */
  async kill(): Promise<void> {
    await this.#server.end("SIGKILL");
  }

  /**
   * Restarts it on the same file and at the same address, as an operator does after {@link kill}.
   */
  async restart(flags: readonly string[] = []): Promise<void> {
    const { port } = new URL(this.url);
    this.#server = await serve(this.folder, ["--port", port, ...flags]);
  }

  /** Fails if the server has ended by itself, whatever the result of the test is. */
  async [Symbol.asyncDispose](): Promise<void> {
    const { exitCode } = this.#server.process;
    await this.kill();
    await rm(this.folder, { recursive: true, force: true });
    if (exitCode === null) return;
    // Printed as well as thrown, because the runner shows little of an error that follows another.
    process.stderr.write(this.#server.log());
    throw new Error(`The server ended with ${exitCode}; its log is above.`);
  }
}

function serve(folder: string, flags: readonly string[]): Promise<ServerProcess> {
  return startServerProcess({ file: EXAMPLE, store: `sqlite:${join(folder, "operations.db")}`, flags });
}

/**
 * Names as people choose them: nested, empty, with spaces, in other scripts, and with characters
 * that are special in shells and URLs.
 */
const NAMES = ["a.txt", "empty", "deep/er/est/b.bin", "Ünï çödé/日本語.txt", "with space/50%&#?.txt"];

/** A tree of about three mebibytes with everything that a packer may get wrong. */
export async function makeTree(root: string): Promise<string> {
  for (const name of NAMES) {
    const path = join(root, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, name === "empty" ? "" : randomBytes(MEBIBYTE * 0.75));
  }
  await mkdir(join(root, "nothing in here"));
  return root;
}

/**
 * A tree that takes a while to pack, because it cannot be compressed. On the disk it is one file
 * with many names.
 */
export async function makeSlowTree(root: string, mebibytes: number): Promise<string> {
  await mkdir(root, { recursive: true });
  const first = join(root, "0000.bin");
  await writeFile(first, randomBytes(MEBIBYTE));
  for (let index = 1; index < mebibytes; index++) {
    await link(first, join(root, `${String(index).padStart(4, "0")}.bin`));
  }
  return root;
}

/** Whether a cancelled archive left anything behind. */
export function leftovers(output: string): string[] {
  return [output, `${output}.partial`].filter((path) => existsSync(path));
}
