import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import { workerSuite } from "./suite.ts";
import { firstThatRuns } from "../clients/installed-client.ts";
import { openSamples, type Samples } from "./samples.ts";

const PROGRAM = fileURLToPath(new URL("./programs/python.py", import.meta.url));
const python = firstThatRuns(
  ["python3"],
  ["-c", "import sys, venv, ensurepip; assert sys.version_info >= (3, 11)"],
);

/**
 * The Python worker of examples/workers: built and run as its page says, and then tested with the
 * suite for workers.
 */

if (python === undefined) {
  void test("the worker in Python", { skip: "There is no Python 3.11 with venv." });
} else {
  const samples: Samples | undefined = await openSamples("Python", "the worker in Python");
  if (samples !== undefined) {
    const folder = join(samples.folder, "examples/workers/python");
    workerSuite("the library in Python", () => ({
      wire: "grpc",
      words: ({ address, slots, drainS, leaseS }) => [
        join(samples.folder, ".venv/bin/python"),
        PROGRAM,
        address,
        ...[slots, drainS, leaseS].map(String),
      ],
      environment: { PYTHONPATH: `${folder}:${join(folder, "gen")}`, PYTHONDONTWRITEBYTECODE: "1" },
    }));
  }
}
