import { globSync } from "node:fs";

/**
 * The test files of `npm test`, and the flags that Node's test runner gets. The pure rooms run in one process, since starting
 * a process for each of their files takes longer than their tests. All other files have a process each. Files that take long
 * and seldom see what the others do not are run by `npm run test:long`.
 */
export const FLAGS = ["--import", "./test/support/compile-cache.ts", "--test", "--test-timeout=60000"];
export const IN_ONE_PROCESS = ["--test-isolation=none"];
export const EACH_BY_ITSELF = ["--test-concurrency=3"];

const ROOMS = [
  "core",
  "forms",
  "access",
  "declarations",
  "wire",
  "protos",
  "describe",
  "config",
  "engine",
  "worker",
  "server",
  "client",
];
export const ROOM_FILES = ROOMS.map((room) => `src/${room}/**/*.test.ts`);
export const OTHER_FILES = [
  "src/*.test.ts",
  "src/{assembly,audit,cli,encryption,quotas,store,telemetry,testing,webhooks}/**/*.test.ts",
  "examples/**/*.test.ts",
  "test/*.test.ts",
  "test/conformance/**/*.test.ts",
  "test/growth/*.test.ts",
  "test/telemetry/*.test.ts",
  "test/faults/*.test.ts",
  "test/simulation/*.test.ts",
  "test/mutants/*.test.ts",
  "test/deploy/*.test.ts",
  "test/clients/google-gax*.npm.test.ts",
];
/** Of the files above, and run apart from them. */
export const LONG_FILES = [
  "src/encryption/encrypted-store-postgres.test.ts",
  "src/store/postgres/store-settings.test.ts",
  "test/growth/parsers.test.ts",
  "test/package.test.ts",
];

/** The files that patterns name, in a folder, without the long ones. */
export function filesOf(patterns: readonly string[], folder: string): string[] {
  return globSync([...patterns], { cwd: folder })
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => !LONG_FILES.includes(path));
}
