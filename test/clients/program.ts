import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { parseFacts, tell } from "./report/facts.ts";

const run = promisify(execFile);

/**
 * Runs a program in another language that drives clients, checks them, and prints a line of facts
 * for each client and transport. It exits with 0 if all is well.
 *
 * @param expected the clients and transports that it must report, such as `google-cloud-redis gRPC`
 */
export async function runProgram(
  command: string,
  words: readonly string[],
  expected: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<void> {
  // A proxy would be used for the loopback address, too; compiled files would stay in the
  // repository.
  const env = { ...process.env, NO_PROXY: "*", no_proxy: "*", PYTHONDONTWRITEBYTECODE: "1", ...environment };
  const { stdout } = await run(command, [...words], { env, timeout: 80_000 }).catch((error: Error) =>
    assert.fail(error.message),
  );
  const facts = stdout.trimEnd().split("\n").map(parseFacts);
  assert.deepEqual(
    facts.map(({ client, transport }) => `${client} ${transport}`),
    expected,
  );
  for (const each of facts) tell(each);
}

/** The version of a package that `npm install` brought. */
export function npmVersion(name: string): string {
  const path = fileURLToPath(new URL(`../../node_modules/${name}/package.json`, import.meta.url));
  return (JSON.parse(readFileSync(path, "utf8")) as { readonly version: string }).version;
}

/** The version of a Python package. */
export async function pythonVersion(python: string, name: string): Promise<string> {
  const script = "import importlib.metadata, sys; print(importlib.metadata.version(sys.argv[1]))";
  const { stdout } = await run(python, ["-c", script, name]);
  return stdout.trim();
}
