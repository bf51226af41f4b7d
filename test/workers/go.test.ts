import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { workerSuite } from "./suite.ts";
import { GO } from "../clients/installed-client.ts";
import { openSamples } from "./samples.ts";

/**
 * The Go worker of examples/workers: built and run as its page says, and then tested with the suite
 * for workers.
 */

if (GO.command === undefined) {
  void test("the worker in Go", { skip: `Go is not installed. ${GO.install}` });
} else {
  const samples = await openSamples("Go", "the worker in Go");
  if (samples !== undefined) {
    const program = join(samples.folder, "steered");
    execFileSync(GO.command, ["build", "-o", program, "."], {
      cwd: join(samples.folder, "test/workers/programs/go"),
    });
    workerSuite("the library in Go", () => ({
      wire: "grpc",
      words: ({ address, slots, drainS, leaseS }) => [
        program,
        address,
        ...[slots, drainS, leaseS].map(String),
      ],
    }));
  }
}
