import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endWithUs } from "../support/end-with-us.ts";
import { firstThatRuns, type InstalledClient } from "./installed-client.ts";

export const NGINX: InstalledClient = {
  name: "nginx",
  get command() {
    return firstThatRuns(["/usr/sbin/nginx", "nginx"], ["-v"]);
  },
  install: "Install it with: apt-get install nginx.",
  isOptional: true,
};

/**
 * Runs nginx on a free port, in its default configuration except for the directives of its one
 * server.
 */
export async function startNginx(
  command: string,
  directives: string,
): Promise<{ readonly url: string } & AsyncDisposable> {
  const folder = mkdtempSync(join(tmpdir(), "longrunning-nginx-"));
  const own = await freePort();
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (each) => `${each}_temp_path ${folder};`,
  );
  // Its processes read files that the tests have written.
  const user = process.getuid?.() === 0 ? "user root;" : "";
  const configuration = `daemon off; pid ${folder}/pid; error_log stderr; ${user} events {}
http { access_log off; ${temporary.join(" ")} server { listen 127.0.0.1:${own}; ${directives} } }`;
  writeFileSync(join(folder, "nginx.conf"), configuration);
  const nginx = spawn(command, ["-p", folder, "-c", join(folder, "nginx.conf")], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  endWithUs(nginx, "SIGKILL");
  let log = "";
  nginx.stderr.setEncoding("utf8").on("data", (text: string) => (log += text));
  const ended = once(nginx, "exit");
  const url = `http://127.0.0.1:${own}`;
  while (!(await listens(own))) {
    if (nginx.exitCode !== null) throw new Error(`nginx ended with ${nginx.exitCode}:\n${log}`);
  }
  return {
    url,
    [Symbol.asyncDispose]: async () => {
      nginx.kill("SIGQUIT");
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Whether anything accepts connections, without sending a request. */
async function listens(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  await once(server.close(), "close");
  return port;
}
