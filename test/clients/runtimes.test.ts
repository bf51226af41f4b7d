import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const SERVICE = fileURLToPath(new URL("runtime-service.ts", import.meta.url));

/** Runs the service on a runtime. @returns the result that it prints */
function run(command: string, flags: readonly string[]): unknown {
  const directory = mkdtempSync(join(tmpdir(), "longrunning-runtime-"));
  const words = ["run", ...flags, SERVICE, join(directory, "operations.db")];
  const { stdout, stderr } = spawnSync(command, words, { encoding: "utf8", timeout: 60_000 });
  rmSync(directory, { recursive: true });
  const line = stdout.trimEnd().split("\n").at(-1) ?? "";
  return line === "" ? assert.fail(stderr) : JSON.parse(line);
}

function missing(command: string): string | false {
  return spawnSync(command, ["--version"]).status === 0 ? false : `${command} is not installed`;
}

test("Deno serves REST and gRPC from a file, and stops", { skip: missing("deno") }, () => {
  assert.deepEqual(run("deno", ["--allow-all"]), { rest: true, grpc: true, stopped: true, warnings: [] });
});

test("Bun serves REST from a file and stops, and says that it does not serve gRPC", {
  skip: missing("bun"),
}, () => {
  assert.deepEqual(run("bun", []), {
    rest: true,
    grpc: false,
    stopped: true,
    warnings: [
      "gRPC is not served: Bun cannot separate it from REST on one port; run this server with Node or Deno",
    ],
  });
});
