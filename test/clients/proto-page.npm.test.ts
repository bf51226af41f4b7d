import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { createClient } from "../../src/client/index.ts";
import type { Method } from "../../src/core/method/method.ts";
import { startTestServer } from "../../src/testing/index.ts";
import { clientTest, CURL } from "./installed-client.ts";
import { blocksOf, openProject, ROOT } from "../support/page.ts";
import { startServerProcess } from "../support/server-process.ts";

/**
 * The API of docs/proto-methods.md is built from nothing, as the page does it, but without network.
 */

const run = promisify(execFile);
const blocks = blocksOf("proto-methods.md");
const folder = openProject(blocks.filter(({ file }) => file !== ""));
const [INSTALL = "", MAKE = "", REST = "", GRPC = ""] = blocks
  .filter(({ language }) => language === "sh")
  .map(({ code }) => code);
const bin = join(ROOT, "node_modules/.bin");
const env = { ...process.env, PATH: `${bin}${delimiter}${process.env["PATH"] ?? ""}` };

/** Runs a line of the page, with the programs that npx would find. */
async function typed(line: string, url = ""): Promise<string> {
  const code = line.replaceAll("npx ", "").replaceAll("http://127.0.0.1:8080", url);
  const { stdout } = await run("sh", ["-c", code], { cwd: folder, env, timeout: 60_000 });
  return stdout;
}

interface WireOperation {
  readonly name: string;
  readonly done?: true;
  readonly response?: Readonly<Record<string, unknown>>;
}

/** The method, from the page's generated code. */
async function createArchive(): Promise<Method> {
  const [generate = "", serve = ""] = MAKE.trim().split("\n");
  assert.equal(serve, "npx longrunning serve archive.ts");
  await typed(generate);
  return ((await import(join(folder, "archive.ts"))) as { readonly createArchive: Method }).createArchive;
}
const method = createArchive();

test("docs/proto-methods.md installs packages that this repository has", () => {
  const known = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as Record<string, object>;
  const all = { ...known["dependencies"], ...known["devDependencies"], longrunning: "" };
  const names = INSTALL.match(/(?<= )@?[a-z][\w/-]+(?= |\n|$)/g)?.filter((word) => word !== "install") ?? [];
  assert.equal(names.length, 5);
  assert.deepEqual(
    names.filter((name) => !(name in all)),
    [],
  );
});

clientTest(CURL, "docs/proto-methods.md starts an operation with curl", async () => {
  await method;
  const file = join(folder, "archive.ts");
  await using server = await startServerProcess({ file, store: `sqlite:${join(folder, "operations.db")}` });
  const operation = JSON.parse(await typed(REST, server.url)) as WireOperation;
  assert.match(operation.name, /^projects\/p\/operations\//);
  assert.deepEqual([operation.done, operation.response?.["path"]], [true, "docs.tar.gz"]);
  assert.equal(operation.response?.["sizeBytes"], "1024");
});

test("docs/proto-methods.md starts an operation over gRPC", async () => {
  await using server = await startTestServer([await method]);
  const { name } = JSON.parse(await typed(GRPC, server.url)) as WireOperation;
  const got = `npx buf curl --protocol grpc --http2-prior-knowledge -d '${JSON.stringify({ name })}' \
    http://127.0.0.1:8080/google.longrunning.Operations/GetOperation`;
  await createClient(server.url).untilDone(name);
  const done = JSON.parse(await typed(got, server.url)) as WireOperation;
  assert.deepEqual([done.done, done.response?.["path"]], [true, "docs.tar.gz"]);
});
