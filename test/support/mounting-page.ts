import assert from "node:assert/strict";
import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { transformSync } from "esbuild";
import { createClient } from "../../src/client/index.ts";
import { blocksOf, openProject } from "./page.ts";

/** A server that a module of docs/mounting.md has started, with operations of its own. */
export interface MountedServer {
  readonly server: Server;
  /** Its address, such as `http://127.0.0.1:34567`. */
  readonly url: string;
  /** Stops it as the module does on SIGTERM. Resolves when it is closed. */
  stop(): Promise<void>;
}

/**
 * Runs a module of the page unchanged, except for ports, stores and signals, in a project of its
 * own.
 *
 * @param more code that is appended to it
 */
export async function runModule(file: string, more: string): Promise<Readonly<Record<string, unknown>>> {
  const wanted = blocksOf("mounting.md").filter((block) => [file, "operations.ts"].includes(block.file));
  const files = wanted.map(({ file: name, code }) => {
    const placed = code
      .replaceAll(/sqlite:\w+\.db/g, "sqlite::memory:")
      .replaceAll(/\b808[01]\b/g, "0")
      .replaceAll('"SIGTERM"', JSON.stringify(stopOf(file)));
    return { file: name, code: compiled(name === file ? `${placed}\n${more}\n` : placed) };
  });
  return import(join(openProject(files), file));
}

/** The event that replaces SIGTERM. */
function stopOf(file: string): string {
  return `the stop of ${file}`;
}

/**
 * Runs a module that starts a server.
 *
 * @param expressions.server its `node:http` server, as an expression in the module
 * @param expressions.stop an expression that stops it. @default the listener of SIGTERM
 */
export async function runMounted(
  file: string,
  expressions: { readonly server: string; readonly stop?: string },
): Promise<MountedServer> {
  const { server: made, stop = `process.emit(${JSON.stringify(stopOf(file))})` } = expressions;
  const more = `export const made = ${made};\nexport const stop = () => ${stop};`;
  const module = (await runModule(file, more)) as { readonly made: Server; readonly stop: () => unknown };
  const server = module.made;
  if (!server.listening) await once(server, "listening");
  return {
    server,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: async () => {
      const closed = once(server, "close");
      await module.stop();
      await closed;
    },
  };
}

/** Node has no decorators, but the compilers of Nest users do. */
function compiled(code: string): string {
  if (!code.includes("\n@")) return code;
  const tsconfigRaw = { compilerOptions: { experimentalDecorators: true } };
  return transformSync(code, { loader: "ts", tsconfigRaw }).code;
}

/**
 * Calls the service below `/tools/` in each way that depends on its mount point and on the server
 * around it.
 */
export async function driveMounted({ url }: MountedServer): Promise<void> {
  const client = createClient(`${url}/tools`);
  const operation = await client.start("createArchive", { directory: "docs" });
  assert.deepEqual(await client.result(operation), { path: "docs.tar.gz" });
  for await (const { done } of client.updates(operation)) assert.equal(done, true);
  const start = (body: string, headers: Record<string, string>): Promise<Response> =>
    fetch(`${url}/tools/v1:createArchive?delay=60s`, { method: "POST", headers, body });
  const json = { "content-type": "application/json" };
  const answers = await Promise.all([
    start('{"directory": "a"}', { ...json, prefer: "respond-async" }),
    start('{"directory": "a+b&c"}', { "content-type": "application/x-www-form-urlencoded" }),
    start("{}", json),
    fetch(`${url}/tools/v1/nothing`),
    fetch(`${url}/tools/$discovery/rest`),
  ]);
  assert.deepEqual(
    answers.map(({ status }) => status),
    [202, 200, 400, 404, 200],
  );
  const [later, form, , , discovery] = answers;
  const location = later.headers.get("location") ?? "";
  assert.ok(location.startsWith(`${url}/tools/v1/operations/`), location);
  assert.equal((await fetch(location)).status, 200);
  assert.equal(((await form.json()) as { readonly done?: true }).done, undefined);
  assert.equal(((await discovery.json()) as { readonly rootUrl: string }).rootUrl, `${url}/tools/`);
}

/**
 * Stops it while a caller waits for an operation of `later`: the caller is answered, and the server
 * closes.
 */
export async function stopMounted(mounted: MountedServer): Promise<void> {
  const { server, url } = mounted;
  const { name } = await createClient(`${url}/tools`).start(
    "createArchive",
    { directory: "a" },
    { delay: "1h" },
  );
  const arrived = once(server, "request");
  const waiting = fetch(`${url}/tools/v1/${name}:wait?timeout=60s`, { method: "POST" });
  await arrived;
  await mounted.stop();
  const answer = await waiting;
  assert.match(await answer.text(), /SHUTTING_DOWN|"name"/);
}
