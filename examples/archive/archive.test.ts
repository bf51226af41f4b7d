import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import fs, { appendFileSync, createReadStream, rmSync, truncateSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { suite, test } from "node:test";
import { createGunzip } from "node:zlib";
import { extract } from "tar-stream";
import { AttemptAborted, type Context, openOperations, StatusError } from "../../src/index.ts";
import { createArchive } from "./archive.ts";

type Progress = {
  readonly progressPercent: number;
  readonly currentFile: string;
  readonly bytesDone: number;
};
type Answer = {
  readonly path: string;
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly entryCount: number;
};

/** A folder of the test's own, with a tree to pack in it. */
async function openFolder(): Promise<
  AsyncDisposable & { readonly folder: string; readonly tree: string; readonly output: string }
> {
  const folder = await mkdtemp(join(tmpdir(), "archive-"));
  const tree = join(folder, "tree");
  await mkdir(join(tree, "b", "empty"), { recursive: true });
  await writeFile(join(tree, "b", "large.bin"), Buffer.alloc(1_000_000, "0123456789"));
  await writeFile(join(tree, "a.txt"), "hello");
  await writeFile(join(tree, `${"long".repeat(30)}.txt`), "ä");
  await writeFile(join(tree, "zero"), "");
  await symlink("/etc", join(tree, "link"));
  const socket = createServer().listen(join(tree, "socket"));
  await once(socket, "listening");
  return {
    folder,
    tree,
    output: join(folder, "out", "tree.tar.gz"),
    [Symbol.asyncDispose]: async () => {
      socket.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** Runs the handler once, without a server. */
async function run(
  request: { readonly directory: string; readonly output?: string },
  context: Partial<Context> = {},
): Promise<Answer> {
  const { signal } = new AbortController();
  return (await createArchive.run(request, {
    name: "operations/id",
    attempt: 1,
    lastReport: null,
    caller: null,
    signal,
    report: () => {},
    ...context,
  })) as Answer;
}

async function listTarball(path: string): Promise<readonly string[]> {
  const lines: string[] = [];
  for await (const entry of createReadStream(path).pipe(createGunzip()).pipe(extract())) {
    const chunks: Buffer[] = [];
    for await (const chunk of entry) chunks.push(chunk as Buffer);
    const { name, type, linkname } = entry.header;
    lines.push(
      `${type} ${name}${type === "symlink" ? ` -> ${linkname}` : ` ${Buffer.concat(chunks).length}`}`,
    );
  }
  return lines;
}

suite("createArchive", () => {
  test("packs a tree in order, links as links, sockets left out", async () => {
    await using at = await openFolder();
    const reports: Progress[] = [];
    const answer = await run(
      { directory: at.tree, output: at.output },
      { report: (progress) => void reports.push(progress as Progress) },
    );
    assert.deepEqual(await listTarball(answer.path), [
      "directory tree 0",
      "file tree/a.txt 5",
      "directory tree/b 0",
      "directory tree/b/empty 0",
      "file tree/b/large.bin 1000000",
      "symlink tree/link -> /etc",
      `file tree/${"long".repeat(30)}.txt 2`,
      "file tree/zero 0",
    ]);
    const bytes = await readFile(answer.path);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    assert.deepEqual(answer, { path: answer.path, sizeBytes: bytes.length, sha256, entryCount: 8 });
    assert.deepEqual(await readdir(join(at.folder, "out")), ["tree.tar.gz"]);
    assert.equal(reports.at(-1)?.bytesDone, 1_000_007);
    assert.ok(reports.some(({ progressPercent }) => progressPercent > 10 && progressPercent < 90));
  });

  test("equal trees give equal archives, and a rerun replaces a crashed attempt's partial file", async () => {
    await using at = await openFolder();
    const first = await run({ directory: at.tree, output: at.output });
    await writeFile(`${at.output}.partial`, Buffer.alloc(5_000_000));
    const second = await run({ directory: at.tree, output: at.output });
    assert.deepEqual(second, first);
    assert.deepEqual(await readdir(join(at.folder, "out")), ["tree.tar.gz"]);
  });

  test("an output inside the directory is not packed", async () => {
    await using at = await openFolder();
    const output = join(at.tree, "b", "self.tar.gz");
    await run({ directory: at.tree, output });
    await run({ directory: at.tree, output });
    assert.doesNotMatch((await listTarball(output)).join("\n"), /self/);
  });

  test("a run that is cancelled while its file is being opened leaves nothing behind", async (t) => {
    await using at = await openFolder();
    const { promise: opened, resolve } = Promise.withResolvers<void>();
    const slowly = fs.open;
    type Heard = (error: NodeJS.ErrnoException | null, file: number) => void;
    // A slow file system: the file appears some turns after the run was stopped.
    t.mock.method(fs, "open", (path: string, flags: string, mode: number, heard: Heard) => {
      const open = (): void =>
        slowly(path, flags, mode, (...answer) => {
          heard(...answer);
          resolve();
        });
      setImmediate(() => setImmediate(open));
    });
    const signal = AbortSignal.abort(new AttemptAborted("cancelled"));
    await assert.rejects(run({ directory: at.tree, output: at.output }, { signal }));
    await opened;
    while ((await readdir(join(at.folder, "out"))).length > 0) continue;
  });

  test("a cancelled run throws its reason and leaves nothing behind", async () => {
    await using at = await openFolder();
    const controller = new AbortController();
    const reason = new AttemptAborted("cancelled");
    const report = (progress: Readonly<Record<string, unknown>>): void => {
      if (Number(progress["bytesDone"]) > 300_000) controller.abort(reason);
    };
    const running = run({ directory: at.tree, output: at.output }, { signal: controller.signal, report });
    await assert.rejects(running, reason);
    assert.deepEqual(await readdir(join(at.folder, "out")), []);
  });

  test("a file that shrinks or vanishes while it is packed is ABORTED, and nothing is left", async () => {
    const changes = [
      { at: 500_000, change: (path: string) => truncateSync(path, 100_000) },
      { at: 0, change: (path: string) => rmSync(path) },
    ];
    for (const { at: bytes, change } of changes) {
      await using at = await openFolder();
      let changed = false;
      const report = (progress: unknown): void => {
        if (changed || (progress as Progress).bytesDone < bytes) return;
        changed = true;
        change(join(at.tree, "b", "large.bin"));
      };
      const running = run({ directory: at.tree, output: at.output }, { report });
      await assert.rejects(running, { code: "ABORTED", reason: "FILE_CHANGED" });
      assert.deepEqual(await readdir(join(at.folder, "out")), []);
    }
  });

  test("a file that grows while it is packed is packed with its initial size", async () => {
    await using at = await openFolder();
    const report = (progress: unknown): void => {
      if ((progress as Progress).bytesDone > 500_000) appendFileSync(join(at.tree, "b", "large.bin"), "more");
    };
    const { path } = await run({ directory: at.tree, output: at.output }, { report });
    assert.ok((await listTarball(path)).includes("file tree/b/large.bin 1000000"));
  });

  for (const [what, path, code, reason] of [
    ["a missing directory", "nowhere", "NOT_FOUND", "DIRECTORY_NOT_FOUND"],
    ["a file", "tree/a.txt", "INVALID_ARGUMENT", "PATH_INVALID"],
    ["something under a file", "tree/a.txt/x", "INVALID_ARGUMENT", "PATH_INVALID"],
  ] as const) {
    test(`${what} is ${code} with a field violation`, async () => {
      await using at = await openFolder();
      await assert.rejects(run({ directory: join(at.folder, path), output: at.output }), (error) => {
        assert.ok(error instanceof StatusError);
        assert.deepEqual([error.code, error.reason], [code, reason]);
        return error.details[0]?.["@type"].endsWith("BadRequest") === true;
      });
    });
  }

  test("an output that is a directory or lies under a file is INVALID_ARGUMENT", async () => {
    await using at = await openFolder();
    for (const output of [at.tree, join(at.tree, "a.txt", "x.tar.gz")]) {
      await assert.rejects(run({ directory: at.tree, output }), { code: "INVALID_ARGUMENT" });
    }
  });

  test("runs as an operation", async () => {
    await using at = await openFolder();
    const operations = await openOperations({ methods: [createArchive], store: "sqlite::memory:" });
    try {
      const { name } = await operations.start(createArchive, { directory: at.tree, output: at.output });
      const operation = await operations.wait(name, { method: createArchive });
      assert.equal(operation.response?.path.endsWith(basename(at.output)), true);
      assert.equal(operation.metadata?.bytesDone, 1_000_007);
    } finally {
      await operations.stop();
    }
  });
});
