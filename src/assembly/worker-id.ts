import { type OwnProcess, ownProcess } from "../config/own-process.ts";
import { LIMITS } from "../core/limits.ts";
import type { Random } from "../core/ports/random.ts";

/**
 * Distinguishes the claims of a worker from all others, and shows people where it runs:
 * `host-pid-random`, such as `archive-7d9f-1-5e0c33a1`. It contains only the first label of the
 * host, because operators know the rest; the random part is needed because the process id in a
 * container is usually 1, also after a restart.
 */
export function workerId(random: Random, { host, pid }: OwnProcess = ownProcess()): string {
  const label = /^[\d.]+$/.test(host) ? host : (host.split(".", 1)[0] ?? "");
  const clean = label.replaceAll(/[^\w.-]+/g, "-").replaceAll(/^-+|-+$/g, "");
  const end = `-${pid}-${Buffer.from(random.bytes(4)).toString("hex")}`;
  return `${(clean || "host").slice(0, LIMITS.workerLengthMax - end.length)}${end}`;
}
