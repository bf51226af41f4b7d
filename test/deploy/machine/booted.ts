import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { endWithUs } from "../../support/end-with-us.ts";
import { DEPLOY } from "../files.ts";
import { endNamespace, firstOf } from "./namespace.ts";

const SYSTEMD = "/lib/systemd/systemd";
/** The location of cgroups, on machines of the older and of the newer kind. */
const GROUPS = existsSync("/sys/fs/cgroup/systemd") ? "/sys/fs/cgroup/systemd" : "/sys/fs/cgroup";

/** The reason why systemd cannot be booted here, or false. */
export const NO_SYSTEMD: string | false = missing();

function missing(): string | false {
  if (process.platform !== "linux" || process.getuid?.() !== 0)
    return "systemd is booted by root on Linux only";
  if (!existsSync(SYSTEMD)) return "systemd is not installed";
  const group = join(GROUPS, `longrunning-${process.pid}`);
  try {
    mkdirSync(group);
    rmdirSync(group);
  } catch {
    return "this machine lets nobody make control groups";
  }
  const { status } = spawnSync("unshare", ["--pid", "--mount", "--cgroup", "--fork", "true"]);
  return status === 0 ? false : "this machine lets nobody make namespaces (unshare)";
}

/** The settings of a boot. */
export interface BootOptions {
  /** The project that is put into `/opt/longrunning`. */
  readonly project: string;
  /** The text of `/etc/longrunning/environment`. */
  readonly environment: string;
  /** The units to start. */
  readonly units: readonly string[];
}

/**
 * A systemd of the test's own, the first process of its namespaces, with the programs of this
 * machine and the files of `deploy/systemd` where operators put them. It knows only these units,
 * and all their output comes to {@link printed}.
 */
export class Booted implements AsyncDisposable {
  readonly #root = mkdtempSync(join(tmpdir(), "longrunning-systemd-"));
  readonly #group = join(GROUPS, basename(this.#root));
  readonly #process: ChildProcess;
  readonly #reader: ChildProcess;
  #printed = "";
  #heard = Promise.withResolvers<void>();

  constructor(options: BootOptions) {
    this.#lay(options);
    const fifo = join(this.#root, "var/log/printed");
    execFileSync("mkfifo", ["--mode=666", fifo]);
    // Open for reading and writing, so that it does not end between two writers.
    this.#reader = this.#heardOf(spawn("sh", ["-c", 'exec cat <>"$0"', fifo]));
    mkdirSync(this.#group);
    const namespaces = ["--pid", "--mount", "--cgroup", "--ipc", "--uts", "--fork", "--kill-child"];
    this.#process = this.#heardOf(
      spawn(
        "sh",
        [
          "-ec",
          `echo $$ > "$0/cgroup.procs"; exec unshare "$@"`,
          this.#group,
          ...namespaces,
          "sh",
          "-ec",
          BOOT,
          this.#root,
          process.execPath,
        ],
        { stdio: ["ignore", "pipe", "pipe"] },
      ),
    );
    this.#process.once("exit", () => this.#hear(""));
  }

  /** Resolves when the units' output matches. @throws {Error} if systemd ends before */
  async printed(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.#printed)) {
      if (this.#process.exitCode !== null) throw new Error(`systemd ended:\n${this.#printed}`);
      await this.#heard.promise;
    }
  }

  /** Runs a program of this machine as root beside the units. @throws {Error} if it fails */
  run(...words: readonly string[]): string {
    const pid = String(firstOf(this.#process));
    const into = ["--target", pid, "--mount", "--pid", "--ipc", "--uts", "--cgroup", "--root", "--wd=/"];
    return execFileSync("nsenter", [...into, ...words], { encoding: "utf8", timeout: 60_000 });
  }

  /** A property of a unit, such as `Result`. */
  property(unit: string, name: string): string {
    return this.run("systemctl", "show", "--value", `--property=${name}`, unit).trim();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await endNamespace(this.#process);
    this.#reader.kill("SIGKILL");
    for (const path of globSync("**/", { cwd: this.#group }).toSorted().toReversed())
      rmdirSync(join(this.#group, path));
    rmSync(this.#root, { recursive: true, force: true });
  }

  /** Collects all output of a process, and ends it with this one. */
  #heardOf(child: ChildProcess): ChildProcess {
    endWithUs(child, "SIGKILL");
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => this.#hear(text));
    }
    return child;
  }

  #hear(text: string): void {
    this.#printed += text;
    this.#heard.resolve();
    this.#heard = Promise.withResolvers();
  }

  /** Puts files where docs/deploying.md says. */
  #lay({ project, environment, units }: BootOptions): void {
    const at = (...parts: readonly string[]): string => join(this.#root, ...parts);
    const folders = [
      "proc",
      "sys",
      "dev",
      "run",
      "tmp",
      "usr",
      "root",
      "home",
      "var/log",
      "var/lib",
      "var/tmp",
      "etc/systemd/system",
      "opt",
      "old",
    ];
    for (const folder of folders) mkdirSync(at(folder), { recursive: true });
    chmodSync(this.#root, 0o755);
    for (const name of ["bin", "sbin", "lib", "lib64"]) symlinkSync(`usr/${name}`, at(name));
    writeFileSync(at("etc/hosts"), "127.0.0.1 localhost\n");
    writeFileSync(at("etc/nsswitch.conf"), "passwd: files\ngroup: files\nhosts: files\n");
    cpSync(project, at("opt/longrunning"), { recursive: true, verbatimSymlinks: true });
    for (const name of ["sysusers.d", "tmpfiles.d"]) {
      cpSync(join(DEPLOY, "systemd", name), at("etc", name), { recursive: true });
    }
    mkdirSync(at("etc/longrunning"));
    writeFileSync(at("etc/longrunning/environment"), environment);
    // Only our own files: those of this machine would create users and folders of their own.
    execFileSync("systemd-sysusers", [`--root=${this.#root}`, at("etc/sysusers.d/longrunning.conf")]);
    execFileSync("systemd-tmpfiles", [
      `--root=${this.#root}`,
      "--create",
      at("etc/tmpfiles.d/longrunning.conf"),
    ]);
    for (const path of globSync("*.service", { cwd: join(DEPLOY, "systemd") })) {
      cpSync(join(DEPLOY, "systemd", path), at("etc/systemd/system", path));
    }
    for (const target of ["default", "sysinit", "basic", "multi-user", "shutdown", "network-online"]) {
      writeFileSync(at("etc/systemd/system", `${target}.target`), "[Unit]\n");
    }
    writeFileSync(at("etc/systemd/system/default.target"), `[Unit]\nWants=${units.join(" ")}\n`);
    mkdirSync(at("etc/systemd/system/service.d"));
    const printed = "append:/var/log/printed";
    writeFileSync(
      at("etc/systemd/system/service.d/printed.conf"),
      `[Service]\nStandardOutput=${printed}\nStandardError=${printed}\n`,
    );
  }
}

/**
 * Changes the root, and makes systemd the first process. `$0` is the folder, `$1` the Node that
 * units find as /usr/bin/node.
 */
const BOOT = `
mount --bind "$0" "$0"
mount -t tmpfs tmpfs "$0/run"
mkdir "$0/run/above" "$0/run/work"
mount -t overlay -o "lowerdir=/usr,upperdir=$0/run/above,workdir=$0/run/work" overlay "$0/usr"
rm -f "$0/usr/bin/node"
touch "$0/usr/bin/node"
mount --bind "$1" "$0/usr/bin/node"
mount -t proc proc "$0/proc"
mount -t tmpfs tmpfs "$0/tmp"
mount -t tmpfs -o mode=755 tmpfs "$0/dev"
mkdir "$0/dev/shm" "$0/dev/pts" "$0/dev/mqueue"
mknod -m 666 "$0/dev/null" c 1 3
mknod -m 666 "$0/dev/zero" c 1 5
mknod -m 666 "$0/dev/full" c 1 7
mknod -m 666 "$0/dev/random" c 1 8
mknod -m 666 "$0/dev/urandom" c 1 9
mknod -m 666 "$0/dev/tty" c 5 0
ln -s pts/ptmx "$0/dev/ptmx"
mount -t sysfs -o ro sysfs "$0/sys"
if [ -e /sys/fs/cgroup/systemd ]; then
  mount -t tmpfs tmpfs "$0/sys/fs/cgroup"
  mkdir "$0/sys/fs/cgroup/systemd" "$0/sys/fs/cgroup/unified"
  mount -t cgroup -o none,name=systemd cgroup "$0/sys/fs/cgroup/systemd"
else
  mount -t cgroup2 cgroup2 "$0/sys/fs/cgroup"
fi
cd "$0"
pivot_root . old
umount -l /old
container=other SYSTEMD_UNIT_PATH=/etc/systemd/system exec ${SYSTEMD} --log-target=null --show-status=no
`;
