import { createHash } from "node:crypto";
import { once } from "node:events";
import { constants, createWriteStream } from "node:fs";
import { open, readlink, rm } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { pack, type Pack } from "tar-stream";
import { fileChanged } from "./archive-error.ts";
import type { TreeEntry } from "./tree.ts";

interface Writing {
  readonly signal: AbortSignal;
  /** Called after every piece with its file and the bytes read so far from all files. */
  readonly progress: (currentFile: string, bytesDone: number) => void;
}

/**
 * Writes entries to a new .tar.gz file and makes it durable. Fails as a whole; then the caller
 * removes the rest.
 */
export async function writeTarball(
  path: string,
  entries: readonly TreeEntry[],
  { signal, progress }: Writing,
): Promise<{ readonly sizeBytes: number; readonly sha256: string }> {
  const hash = createHash("sha256");
  let sizeBytes = 0;
  const tarball = pack();
  const stop = new AbortController();
  const both = AbortSignal.any([signal, stop.signal]);
  // A new file, not the old one truncated: an abandoned attempt may still be writing to that.
  await rm(path, { force: true });
  const file = createWriteStream(path, { flags: "wx", flush: true });
  const closed = new Promise<void>((resolve) => file.once("close", resolve));
  const written = pipeline(
    tarball,
    createGzip(),
    async function* tap(pieces: AsyncIterable<Buffer>) {
      for await (const piece of pieces) {
        hash.update(piece);
        sizeBytes += piece.length;
        yield piece;
      }
    },
    file,
    { signal: both },
  );
  // If one side fails, the other is stopped, and the first error is thrown.
  const failed = (error: unknown): void => stop.abort(error);
  const filled = fill(tarball, entries, { signal: both, progress });
  await Promise.allSettled([written.catch(failed), filled.catch(failed)]);
  // A file that is stopped while it is being opened appears only then, for the caller to remove.
  await closed;
  both.throwIfAborted();
  return { sizeBytes, sha256: hash.digest("hex") };
}

async function fill(tarball: Pack, entries: readonly TreeEntry[], writing: Writing): Promise<void> {
  let done = 0;
  for (const entry of entries) {
    writing.signal.throwIfAborted();
    writing.progress(entry.name, done);
    const { name, type, mode, mtime } = entry;
    if (type === "file") {
      const start = done;
      const progress = (bytes: number): void => writing.progress(name, start + bytes);
      done += await addFile(tarball, entry, { signal: writing.signal, progress });
    } else {
      const link = type === "symlink" ? { linkname: await readlink(entry.path) } : {};
      tarball.entry({ name, type, mode, mtime, ...link });
    }
  }
  tarball.finalize();
}

/**
 * Adds exactly as many bytes as the file has when it is opened; bytes that are appended meanwhile
 * are left out.
 */
async function addFile(
  tarball: Pack,
  { path, name, mode, mtime }: TreeEntry,
  { signal, progress }: { readonly signal: AbortSignal; readonly progress: (bytes: number) => void },
): Promise<number> {
  // If the file was replaced by a link or a pipe since it was listed, opening it fails at once.
  await using file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  const stats = await file.stat();
  if (!stats.isFile()) throw fileChanged(path);
  const { size } = stats;
  const sink = tarball.entry({ name, type: "file", mode, mtime, size });
  // Its errors also come out of the archive, where they are handled.
  sink.on("error", () => {});
  const buffer = Buffer.allocUnsafe(Math.min(size, PIECE_BYTES));
  for (let read = 0; read < size; ) {
    signal.throwIfAborted();
    const { bytesRead } = await file.read(buffer, 0, Math.min(size - read, PIECE_BYTES), read);
    if (bytesRead === 0) throw fileChanged(path);
    read += bytesRead;
    // The archive keeps the piece until it is compressed, and the buffer is reused.
    if (!sink.write(Buffer.from(buffer.subarray(0, bytesRead)))) await once(sink, "drain", { signal });
    progress(read);
  }
  // One file at a time, because many small ones would otherwise fill the memory.
  const ended = once(sink, "finish", { signal });
  sink.end(null);
  await ended;
  return size;
}

const PIECE_BYTES = 65_536;
