import { execFileSync } from "node:child_process";
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = join(import.meta.dirname, "..", "..");
/** Below node_modules, so that what it depends on is found and no other tool looks at it. */
const BUILT = join(ROOT, "node_modules", ".cache", "longrunning-bench");

/** Something to serve: the program, and the module with the methods that are measured. */
export interface Program {
  readonly main: string;
  readonly methods: string;
}

/** Builds the package as it is published, apart from `dist`. */
export function buildProgram(): Program {
  rmSync(BUILT, { recursive: true, force: true });
  const compiler = join(ROOT, "node_modules", ".bin", "tsc");
  execFileSync(compiler, ["-p", "tsconfig.build.json", "--outDir", join(BUILT, "dist")], { cwd: ROOT });
  cpSync(join(ROOT, "sql"), join(BUILT, "sql"), { recursive: true });
  cpSync(join(ROOT, "package.json"), join(BUILT, "package.json"));
  const methods = join(BUILT, "methods.js");
  const text = stripTypeScriptTypes(readFileSync(SOURCES.methods, "utf8"));
  writeFileSync(methods, text.replace("../../src/index.ts", "./dist/index.js"));
  return { main: join(BUILT, "dist", "cli", "main.js"), methods };
}

/** The program as its sources, run without a build. */
export const SOURCES: Program = {
  main: fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url)),
  methods: fileURLToPath(new URL("./methods.ts", import.meta.url)),
};
