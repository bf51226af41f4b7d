import { globSync } from "node:fs";

/** The test files of `npm test`, how they share processes, and the flags of their processes. */
export const PROCESS_FLAGS = ["--import", "./test/support/compile-cache.ts", "--test-timeout=60000"];

/**
 * Files that share a process, because starting a process and loading the service take longer than
 * most of their tests. Each group has a file in `test/groups`, which the runner starts; the slowest
 * group comes first.
 */
const GROUPS = {
  conformance: ["test/conformance/**/*.test.ts"],
  postgres: ["src/store/postgres/*.test.ts"],
  assembly: ["src/assembly/**/*.test.ts"],
  cli: ["src/cli/**/*.test.ts"],
  server: ["src/server/**/*.test.ts"],
  engine: ["src/{engine,worker}/**/*.test.ts"],
  sqlite: ["src/store/*.test.ts", "src/store/{sqlite,leases,list,statistics}/**/*.test.ts"],
  client: ["src/{client,webhooks,proxy,http-target,outbound}/**/*.test.ts"],
  core: ["src/{core,access,declarations,files,forms,wire,protos,describe,config}/**/*.test.ts"],
  repository: ["test/*.test.ts", "src/*.test.ts", "test/{deploy,faults,growth,mutants,simulation}/*.test.ts"],
  rest: ["src/{audit,encryption,quotas,telemetry,testing}/**/*.test.ts"],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** The number of groups that take longer than every file with a process of its own. */
const SLOWEST_GROUPS = 4;

/** Files that need a process each; those that take longest come first. */
const ALONE: readonly string[] = [
  // These check all timers, sockets or files of their process.
  "src/store/postgres/store.test.ts",
  "src/store/sqlite/store.test.ts",
  "src/store/postgres/pooler.test.ts",
  "src/store/postgres/citus.test.ts",
  // These wait for slow events.
  "src/cli/server-run.test.ts",
  "src/assembly/idle.test.ts",
  "src/assembly/open-worker-thread-entry.test.ts",
  "src/store/postgres/loss.test.ts",
  "test/blocked-loop.test.ts",
  "test/conformance/model.test.ts",
  // These change the certificates that their process trusts.
  "src/assembly/authorities.test.ts",
  "src/cli/authorities.test.ts",
  "src/outbound/tunnel.test.ts",
  "src/webhooks/delivering/post.test.ts",
  // These share a database that ends with the first of them.
  "src/store/postgres/statements.test.ts",
  "src/store/postgres/statements-claim.test.ts",
  "src/store/postgres/statements-counts.test.ts",
  "src/store/postgres/statements-insert.test.ts",
  // These change the globals, the environment or the exit code of their process.
  "test/page-snippets.test.ts",
  "test/webhooks-document.test.ts",
  "test/workers-document.test.ts",
];

/**
 * All of `src`, so that no room is forgotten; each file without a group has a process of its own.
 */
const ALL = [
  "src/**/*.test.ts",
  "examples/**/*.test.ts",
  "test/*.test.ts",
  "test/{conformance,deploy,faults,growth,mutants,simulation,telemetry}/*.test.ts",
  "test/conformance/**/*.test.ts",
  // Over REST, this is one of `npm run test:clients`.
  "test/clients/google-gax-grpc.npm.test.ts",
];

/**
 * Files of `npm test` that take long and seldom detect what the others do not: they run in `npm run
 * test:long` instead.
 */
export const LONG_FILES = [
  "src/encryption/encrypted-store.test.ts",
  "src/encryption/encrypted-store-postgres.test.ts",
  "src/store/postgres/meetings.test.ts",
  "src/store/postgres/store-settings.test.ts",
  "test/conformance/greedy/grpc.test.ts",
  "test/conformance/greedy/http1.test.ts",
  "test/faults/webhooks.test.ts",
  "test/growth/edges.test.ts",
  "test/growth/parsers.test.ts",
  "test/package.test.ts",
];
/** Files that run in both, and run all of their cases in the long one: `test/support/long.ts`. */
export const LONGER_FILES = [
  "src/store/postgres/loss.test.ts",
  "src/store/postgres/store.test.ts",
  "src/store/sqlite/store.test.ts",
  "src/worker/worker-chaos.test.ts",
  "test/conformance/access/apart.test.ts",
  "test/conformance/access/told-apart.test.ts",
  "test/conformance/access/watched-apart.test.ts",
  "test/conformance/model.test.ts",
  ...filesOf(["test/conformance/rest-contract-*.test.ts"], "."),
];

/** The pure rooms, whose files the mutants run in one process for all their tests. */
const PURE = [
  "src/{core,access,declarations,files,forms,wire,protos,describe,config,engine,worker,server,client}/**/*.test.ts",
];

/** The files of a group. */
export function filesOfGroup(group: string): string[] {
  const patterns = new Map<string, readonly string[]>(Object.entries(GROUPS)).get(group);
  if (patterns === undefined) throw new Error(`${group} is no group of test/support/test-files.ts`);
  return filesOf(patterns, ".").filter((path) => !ALONE.includes(path));
}

/**
 * The files that `npm test` starts, in this order. A long one begins early, so that no processor is
 * idle at the end: first the slowest groups, then the files that need a process each.
 */
export function filesOfRun(): string[] {
  const groups = Object.keys(GROUPS);
  const grouped = new Set(groups.flatMap(filesOfGroup));
  const alone = filesOf(ALL, ".").filter((path) => !grouped.has(path));
  const paths = groups.map((group) => `test/groups/${group}.ts`);
  const first = paths.slice(0, SLOWEST_GROUPS);
  return [...new Set([...first, ...ALONE.filter((path) => alone.includes(path)), ...paths, ...alone])];
}

/** The files of the pure rooms, and all others. */
export function pureAndOther(folder: string): { pure: string[]; other: string[] } {
  const pure = filesOf(PURE, folder);
  return { pure, other: filesOf(ALL, folder).filter((path) => !pure.includes(path)) };
}

/** The files in a folder that match patterns, without the long ones. */
function filesOf(patterns: readonly string[], folder: string): string[] {
  const paths = globSync([...patterns], { cwd: folder }).map((path) => path.replaceAll("\\", "/"));
  return [...new Set(paths)].filter((path) => !LONG_FILES.includes(path)).toSorted();
}
