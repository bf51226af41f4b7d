import { type OwnProcess, ownProcess } from "../config/own-process.ts";
import { LIMITS } from "../core/limits.ts";
import type { Random } from "../core/ports/random.ts";

/**
 * What tells the claims of a worker from those of all others, and people where it runs: `host-pid-random`, such as
 * `archive-7d9f-1-5e0c33a1`. The host is its first label, since operators know the rest; a container's process id is mostly 1,
 * and comes again when it is started again.
 */
export function workerId(random: Random, { host, pid }: OwnProcess = ownProcess()): string {
  const label = /^[\d.]+$/.test(host) ? host : (host.split(".", 1)[0] ?? "");
  const clean = label.replaceAll(/[^\w.-]+/g, "-").replaceAll(/^-+|-+$/g, "");
  const end = `-${pid}-${Buffer.from(random.bytes(4)).toString("hex")}`;
  return `${(clean || "host").slice(0, LIMITS.workerLengthMax - end.length)}${end}`;
}
