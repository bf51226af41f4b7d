import { mkdir, open, realpath, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { z } from "zod";
// In a project of yours this is: from "longrunning".
import { AttemptAborted, defineMethod } from "../../src/index.ts";
import { asStatusError, directoryNotFound, errorCode, invalidField } from "./archive-error.ts";
import { writeTarball } from "./tarball.ts";
import { listTree } from "./tree.ts";

/** Packs a directory of the server into a .tar.gz file. */
export const createArchive = defineMethod({
  name: "createArchive",
  description: "Packs a directory into a .tar.gz file.",
  request: z.object({
    directory: z
      .string()
      .min(1)
      .meta({ description: "The directory to pack, on the server.", examples: ["docs"] }),
    output: z.string().min(1).optional().describe("The file to write; data/archives/{id}.tar.gz by default."),
  }),
  response: z.object({ path: z.string(), sizeBytes: z.number(), sha256: z.string(), entryCount: z.number() }),
  metadata: z.object({
    progressPercent: z.int().min(0).max(100),
    statusMessage: z.string(),
    currentFile: z.string(),
    bytesDone: z.number(),
    bytesTotal: z.number(),
  }),
  // If a file changed while it was read, another attempt may succeed.
  retry: { attempts: 3, codes: ["UNAVAILABLE", "ABORTED"] },
  target: (request) => request.directory,

  async run(request, context) {
    const { name, signal } = context;
    // The id is the same for every attempt, so a second attempt replaces the partial file of a
    // crashed one.
    const root = await checkDirectory(request.directory);
    const output = await checkOutput(request.output ?? join("data", "archives", `${basename(name)}.tar.gz`));
    const partial = `${output}.partial`;
    try {
      const entries = await listTree(root, new Set([output, partial]));
      const bytesTotal = entries.reduce((sum, entry) => sum + entry.bytes, 0);
      const written = await writeTarball(partial, entries, {
        signal,
        progress: (currentFile, bytesDone) =>
          context.report({
            progressPercent: bytesTotal === 0 ? 100 : Math.floor((bytesDone / bytesTotal) * 100),
            statusMessage: `Packing ${request.directory}`,
            currentFile,
            bytesDone,
            bytesTotal,
          }),
      });
      signal.throwIfAborted();
      await rename(partial, output);
      await sync(dirname(output));
      return { path: output, ...written, entryCount: entries.length };
    } catch (error) {
      // After a lost lease, another attempt may be writing a partial file under its own name.
      const lost = signal.reason instanceof AttemptAborted && signal.reason.why === "lease-lost";
      if (!lost) await rm(partial, { force: true });
      throw asStatusError(error);
    }
  },
});

async function checkDirectory(directory: string): Promise<string> {
  try {
    const root = await realpath(directory);
    if ((await stat(root)).isDirectory()) return root;
  } catch (error) {
    if (errorCode(error) === "ENOENT") throw directoryNotFound(directory);
    if (errorCode(error) !== "ENOTDIR") throw asStatusError(error);
  }
  throw invalidField("directory", directory, "it must be a directory");
}

/**
 * The real path of the output, so that an output inside the directory is recognised and left out of
 * the archive.
 */
async function checkOutput(output: string): Promise<string> {
  try {
    const folder = dirname(resolve(output));
    await mkdir(folder, { recursive: true });
    const path = join(await realpath(folder), basename(output));
    const found = await stat(path).catch(() => undefined);
    if (found === undefined || found.isFile()) return path;
  } catch (error) {
    if (!["EEXIST", "ENOTDIR"].includes(errorCode(error))) throw asStatusError(error);
  }
  throw invalidField("output", output, "it must be a file that may be written");
}

/** A new name in a folder survives a power failure only after the folder was synced. */
async function sync(folder: string): Promise<void> {
  await using handle = await open(folder);
  await handle.sync();
}
