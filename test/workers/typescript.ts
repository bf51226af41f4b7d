import { fileURLToPath } from "node:url";
import { MAIN } from "../support/server-process.ts";
import type { WorkerCommand } from "./worker-process.ts";

const HANDLERS = fileURLToPath(new URL("./programs/typescript.ts", import.meta.url));

/** `longrunning work`, over one of the wires. */
export function typescriptWorker(wire: WorkerCommand["wire"]): WorkerCommand {
  return {
    wire,
    repeatsClaims: true,
    words: ({ address, slots, drainS, leaseS }) => [
      process.execPath,
      "--disable-warning=ExperimentalWarning",
      MAIN,
      "work",
      HANDLERS,
      "--server",
      wire === "rest" ? address : `grpc://${address}`,
      `--concurrency=${slots}`,
      `--drain=${drainS}s`,
      `--lease=${leaseS}s`,
    ],
  };
}
