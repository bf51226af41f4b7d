import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ServerProcess, startProxyProcess } from "../support/server-process.ts";
import { firstThatRuns, type InstalledClient } from "./installed-client.ts";
import { NGINX, startNginx } from "./nginx.ts";

/** nginx, and the program that runs CGI scripts for it. */
export const NGINX_WITH_CGI: InstalledClient = {
  name: "nginx with fcgiwrap",
  get command() {
    return firstThatRuns(["/usr/sbin/fcgiwrap", "fcgiwrap"], ["-h"]) && NGINX.command;
  },
  install: "Install them with: apt-get install nginx fcgiwrap.",
  isOptional: true,
};

/** Waits for a line in a named pipe, and answers with the line and the body of the request. */
const SLOW_SCRIPT = `#!/bin/sh
read -r line < "$PIPES/$QUERY_STRING"
printf 'Status: 201 Made\\r\\nContent-Type: text/csv\\r\\nX-Operation: %s\\r\\nX-Key: %s\\r\\n\\r\\n' \\
  "$HTTP_LONGRUNNING_OPERATION" "$HTTP_IDEMPOTENCY_KEY"
printf '%s\\n' "$line"
cat
`;
/** Answers with the SHA-256 of the request's body. */
const SUM_SCRIPT = `#!/bin/sh
printf 'Content-Type: text/plain\\r\\nX-Method: %s\\r\\n\\r\\n' "$REQUEST_METHOD"
exec sha256sum
`;

/** A site of nginx with files and CGI scripts, and `longrunning proxy` in front of it. */
export interface NginxSite extends AsyncDisposable {
  /** The address of nginx. */
  readonly direct: string;
  readonly proxy: ServerProcess;
  /** The contents of `/files/large.bin`, of 8 MiB. */
  readonly large: Buffer;
  /**
   * Creates `/slow?NAME`, whose script waits. @returns a function that waits for the script and
   * lets it continue with a line
   */
  slow(name: string): (line: string) => Promise<void>;
}

export async function openNginxSite(nginxCommand: string): Promise<NginxSite> {
  await using opening = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), "longrunning-site-"));
  opening.defer(() => rmSync(folder, { recursive: true, force: true }));
  const large = Buffer.alloc(8 * 1_048_576, "0123456789abcdefghijklmnopqrstuvwxyz\n");
  for (const each of ["files", "pipes"]) mkdirSync(join(folder, each));
  writeFileSync(join(folder, "files", "large.bin"), large);
  writeFileSync(join(folder, "files", "page.html"), `<p>${"text ".repeat(1_000)}</p>`);
  for (const [name, text] of Object.entries({ slow: SLOW_SCRIPT, sum: SUM_SCRIPT })) {
    writeFileSync(join(folder, `${name}.cgi`), text);
    chmodSync(join(folder, `${name}.cgi`), 0o755);
  }
  const socket = join(folder, "socket");
  opening.use(await startScripts(socket));
  const nginx = opening.use(await startNginx(nginxCommand, directives(folder, socket)));
  const store = `sqlite:${join(folder, "proxy.db")}`;
  const proxy = opening.use(await startProxyProcess({ upstream: nginx.url, store }));
  const opened = opening.move();
  return {
    direct: nginx.url,
    proxy,
    large,
    slow: (name) => {
      const pipe = join(folder, "pipes", name);
      execFileSync("mkfifo", [pipe]);
      // The pipe opens when the script opens it.
      return (line) => writeFile(pipe, `${line}\n`);
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

function directives(folder: string, socket: string): string {
  const parameters = ["QUERY_STRING", "REQUEST_METHOD", "CONTENT_TYPE", "CONTENT_LENGTH"].map(
    (each) => `fastcgi_param ${each} $${each.toLowerCase()};`,
  );
  const scripts = ["slow", "sum"].map(
    (each) =>
      `location = /${each} { ${parameters.join(" ")} fastcgi_param SCRIPT_FILENAME ${folder}/${each}.cgi;
        fastcgi_param PIPES ${folder}/pipes; fastcgi_pass unix:${socket}; }`,
  );
  return `client_max_body_size 64m; gzip on; gzip_proxied any; gzip_types text/html;
    location /files/ { alias ${folder}/files/; } ${scripts.join(" ")}`;
}

/** Runs CGI scripts, four at a time, and ends them when it ends. */
async function startScripts(socket: string): Promise<AsyncDisposable> {
  const command = firstThatRuns(["/usr/sbin/fcgiwrap", "fcgiwrap"], ["-h"]) ?? "fcgiwrap";
  const scripts = spawn(command, ["-c", "4", "-s", `unix:${socket}`], { stdio: "ignore", detached: true });
  const group = -(scripts.pid ?? Number.NaN);
  const endAll = (): void => void process.kill(group, "SIGKILL");
  process.once("exit", endAll);
  const ended = once(scripts, "exit");
  while (!existsSync(socket)) {
    if (scripts.exitCode !== null) throw new Error(`fcgiwrap ended with ${scripts.exitCode}`);
    await new Promise<void>((resolve) => void setImmediate(resolve));
  }
  return {
    [Symbol.asyncDispose]: async () => {
      process.off("exit", endAll);
      endAll();
      await ended;
    },
  };
}
