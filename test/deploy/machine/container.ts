import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { endWithUs } from "../../support/end-with-us.ts";
import type { Image } from "./image.ts";
import { endNamespace, firstOf } from "./namespace.ts";

/** The reason why containers cannot run here, or false. */
export const NO_CONTAINERS: string | false = missing();

function missing(): string | false {
  if (process.platform !== "linux" || process.arch !== "x64")
    return "containers are run on Linux on x64 only";
  if (process.getuid?.() !== 0) return "containers are run by root only";
  const { status } = spawnSync("unshare", ["--pid", "--mount", "--fork", "true"]);
  return status === 0 ? false : "this machine lets nobody make namespaces (unshare)";
}

/** The options of `docker run`, besides the image. */
export interface ContainerOptions {
  readonly environment: Readonly<Record<string, string>>;
  /** Replaces the command of the image. */
  readonly command?: readonly string[];
  /** Whether there is a writable `/tmp`. */
  readonly tmpfs?: boolean;
}

/** A process that is the first of its own namespaces, in the read-only root of an image. */
export class Container implements AsyncDisposable {
  readonly #image: Image;
  readonly #options: ContainerOptions;
  readonly #process: ChildProcess;
  readonly #exited: Promise<unknown>;
  #output = "";
  #heard = Promise.withResolvers<void>();

  constructor(image: Image, options: ContainerOptions) {
    this.#image = image;
    this.#options = options;
    const { config, root } = image;
    const words = [...config.entrypoint, ...(options.command ?? config.command)];
    const script = [SETUP, options.tmpfs === true ? 'mount -t tmpfs -o mode=1777 tmpfs "$0/tmp"' : "", ENTER];
    const namespaces = ["--mount", "--pid", "--ipc", "--uts", "--fork", "--kill-child"];
    this.#process = spawn(
      "unshare",
      [...namespaces, "sh", "-ec", script.join("\n"), root, config.user, config.directory, ...words],
      { env: this.#environment(), stdio: ["ignore", "pipe", "pipe"] },
    );
    endWithUs(this.#process, "SIGKILL");
    this.#exited = once(this.#process, "exit").then(() => this.#hear(""));
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => this.#hear(text));
    }
  }

  /** All its output so far. */
  get output(): string {
    return this.#output;
  }

  /** Resolves when its output matches. @throws {Error} if it ends before */
  async printed(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.#output)) {
      if (this.#process.exitCode !== null) throw new Error(`It ended:\n${this.#output}`);
      await this.#heard.promise;
    }
  }

  #hear(text: string): void {
    this.#output += text;
    this.#heard.resolve();
    this.#heard = Promise.withResolvers();
  }

  /** The kernel's status of the process, such as `Uid`. */
  status(field: string): string {
    const text = readFileSync(`/proc/${firstOf(this.#process)}/status`, "utf8");
    return new RegExp(`^${field}:\\s+(.*)$`, "m").exec(text)?.[1] ?? "";
  }

  /** Sends the signal that `docker stop` sends. */
  stop(): void {
    process.kill(firstOf(this.#process), this.#image.config.stopSignal);
  }

  /** The exit code, when it has ended. */
  async exit(): Promise<number | null> {
    await this.#exited;
    return this.#process.exitCode;
  }

  /** Runs the image's health check inside. @returns its exit code and its output */
  checkHealth(): { readonly code: number | null; readonly output: string } {
    return this.run(this.#image.config.health.command);
  }

  /** Runs a program of the image inside, as `docker exec` does. */
  run(words: readonly string[]): { readonly code: number | null; readonly output: string } {
    const [user = "", group = ""] = this.#image.config.user.split(":");
    const into = [
      "--target",
      String(firstOf(this.#process)),
      "--mount",
      "--pid",
      "--ipc",
      "--uts",
      "--root",
      "--wd=/",
    ];
    const { status, stdout, stderr } = spawnSync(
      "nsenter",
      [...into, "--setuid", user, "--setgid", group, ...words],
      { env: this.#environment(), encoding: "utf8", timeout: 10_000 },
    );
    return { code: status, output: stdout + stderr };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await endNamespace(this.#process);
  }

  #environment(): NodeJS.ProcessEnv {
    const path = { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" };
    return { ...path, HOME: "/", ...this.#image.config.environment, ...this.#options.environment };
  }
}

/**
 * The parts that engines add to a root: `/proc`, some devices, and nothing writable. `$0` is the
 * root.
 */
const SETUP = `
mount --bind "$0" "$0"
mkdir -p "$0/proc" "$0/dev"
mount -t proc proc "$0/proc"
mount -t tmpfs -o mode=755 tmpfs "$0/dev"
for device in null zero full random urandom; do
  touch "$0/dev/$device"
  mount --bind "/dev/$device" "$0/dev/$device"
done
mount -o remount,ro,bind "$0"
`;

/**
 * Becomes the program: as the user of the image, without root privileges and without a way to get
 * them.
 */
const ENTER = `
user="\${1%%:*}" group="\${1##*:}" directory="$2"
shift 2
exec setpriv --no-new-privs --clear-groups \\
  unshare --root="$0" --wd="$directory" --setgid="$group" --setuid="$user" -- "$@"
`;
