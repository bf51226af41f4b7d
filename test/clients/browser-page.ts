import { execFile, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { json } from "node:stream/consumers";
import { promisify } from "node:util";

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Flags with which Chromium runs as root and makes no background requests. */
const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--disable-dev-shm-usage",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-proxy-server",
];

/** The server of a page that imports the built client, and the receiver of the page's result. */
export interface Pages extends AsyncDisposable {
  /** Such as `http://127.0.0.1:40123`. */
  readonly origin: string;
  /**
   * Opens a page in a browser of its own.
   *
   * @param script the text of a module: it may import `/client/index.js`, and calls `tell(…)` once
   *   with its result
   */
  open(browser: string, script: string): Promise<unknown>;
}

/** Builds the client as it is published, and serves it. */
export async function servePages(): Promise<Pages> {
  const folder = mkdtempSync(join(tmpdir(), "longrunning-browser-"));
  const built = join(folder, "dist");
  await run(join(ROOT, "node_modules/.bin/tsc"), ["-p", "tsconfig.build.json", "--outDir", built], {
    cwd: ROOT,
  });
  let page = "";
  let told = Promise.withResolvers<unknown>();
  const server = createServer((request, response) => {
    const path = normalize(decodeURIComponent(request.url ?? "/"));
    if (path === "/told") {
      response.end();
      json(request).then(told.resolve, told.reject);
    } else if (path === "/") response.setHeader("content-type", "text/html; charset=utf-8").end(page);
    else response.setHeader("content-type", "text/javascript").end(scriptOf(join(built, path)));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    async open(browser, script) {
      page = pageOf(script);
      told = Promise.withResolvers();
      return await inBrowser(browser, origin, { profile: join(folder, "profile"), told: told.promise });
    },
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Empty for missing files: then the page reports that its import failed. */
function scriptOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

function pageOf(script: string): string {
  return `<!doctype html><title>Test</title><script type="module">
const tell = (told) => fetch("/told", { method: "POST", body: JSON.stringify(told) });
addEventListener("error", ({ message }) => tell({ problem: message }));
addEventListener("unhandledrejection", ({ reason }) => tell({ problem: String(reason?.stack ?? reason) }));
${script}
</script>`;
}

/** Resolves with the page's result, and ends the browser with all its processes. */
async function inBrowser(
  browser: string,
  address: string,
  { profile, told }: { readonly profile: string; readonly told: Promise<unknown> },
): Promise<unknown> {
  const child = spawn(browser, [...FLAGS, `--user-data-dir=${profile}`, address], {
    detached: true,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (log += text));
  const ended = once(child, "exit");
  try {
    return await Promise.race([
      told,
      ended.then(([code]) => Promise.reject(new Error(`The browser ended with ${String(code)}:\n${log}`))),
    ]);
  } finally {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGKILL");
    await ended;
  }
}
