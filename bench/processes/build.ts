import { execFileSync } from "node:child_process";
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { descriptorSetOf } from "../../test/support/descriptors.ts";

const ROOT = join(import.meta.dirname, "..", "..");
/**
 * Next to node_modules, so that the dependencies are found; ignored by git, so that no other tool
 * sees it.
 */
const BUILT = join(ROOT, "bench", ".built");

/** Something to serve: the program, and the module with the measured methods. */
export interface Program {
  readonly main: string;
  readonly methods: string;
}

/** The program as published, and the modules that it can serve. */
export interface BuiltProgram extends Program {
  /** The folder of the package's modules. */
  readonly modules: string;
  /** The module of the example that `npm start` serves. */
  readonly archive: string;
  /** The module whose handlers name RPCs, and the descriptor set with these RPCs. */
  readonly protoMethods: string;
  readonly descriptors: string;
}

/** Builds the package as it is published, in a folder outside `dist`. */
export function buildProgram(): BuiltProgram {
  rmSync(BUILT, { recursive: true, force: true });
  const compiler = join(ROOT, "node_modules", ".bin", "tsc");
  execFileSync(compiler, ["-p", "tsconfig.build.json", "--outDir", join(BUILT, "dist")], { cwd: ROOT });
  cpSync(join(ROOT, "sql"), join(BUILT, "sql"), { recursive: true });
  cpSync(join(ROOT, "package.json"), join(BUILT, "package.json"));
  const descriptors = join(BUILT, "report.binpb");
  const protos = new URL("./report.proto", import.meta.url);
  writeFileSync(descriptors, descriptorSetOf(readFileSync(protos, "utf8")));
  return {
    main: join(BUILT, "dist", "cli", "main.js"),
    modules: join(BUILT, "dist"),
    methods: builtModule(SOURCES.methods, "methods.js"),
    protoMethods: builtModule(PROTO_METHODS, "proto-methods.js"),
    archive: builtExample("archive", ["archive-error", "tarball", "tree", "archive"]),
    descriptors,
  };
}

/** A module of ours that imports the built package. @returns its path */
function builtModule(source: string, name: string): string {
  const path = join(BUILT, name);
  const text = stripTypeScriptTypes(readFileSync(source, "utf8"));
  const imported = text.replaceAll(/\.\.\/\.\.\/src\/(\w+)\.ts/g, "./dist/$1.js");
  writeFileSync(path, imported.replaceAll(/"\.\/([\w-]+)\.ts"/g, '"./$1.js"'));
  return path;
}

/** The modules of an example. @returns the path of the last one */
function builtExample(name: string, modules: readonly string[]): string {
  const paths = modules.map((each) => builtModule(join(ROOT, "examples", name, `${each}.ts`), `${each}.js`));
  return paths.at(-1) ?? "";
}

const PROTO_METHODS = fileURLToPath(new URL("./proto-methods.ts", import.meta.url));

/** The program run from its sources, without a build. */
export const SOURCES: Program = {
  main: fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url)),
  methods: fileURLToPath(new URL("./methods.ts", import.meta.url)),
};
