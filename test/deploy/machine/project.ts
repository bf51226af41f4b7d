import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { ROOT } from "../files.ts";

/** An operator's project: this package installed from a tarball, and a module of methods. */
export interface Project extends Disposable {
  readonly folder: string;
}

/** The environment for `npm` and `npx`: the Node that runs the tests. */
const environment = {
  ...process.env,
  PATH: `${dirname(process.execPath)}${delimiter}${process.env["PATH"] ?? ""}`,
};

/**
 * Makes a project as docs/deploying.md says, with its own commands; only the package comes from
 * here.
 *
 * @param methods replaces the methods of the page
 */
export function makeProject(methods?: string): Project {
  const folder = mkdtempSync(join(tmpdir(), "longrunning-project-"));
  const project = join(folder, "project");
  mkdirSync(project);
  const page = readFileSync(join(ROOT, "docs/deploying.md"), "utf8");
  const commands = blockOf(page, "sh").replace("npm install longrunning ", `npm install ${pack(folder)} `);
  execFileSync("sh", ["-ec", commands], { cwd: project, env: environment, stdio: "pipe" });
  writeFileSync(join(project, "methods.ts"), methods ?? blockOf(page, "ts"));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  return { folder: project, [Symbol.dispose]: remove };
}

/** The first block of a language. */
function blockOf(page: string, language: string): string {
  const found = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, "ms").exec(page)?.[1];
  if (found === undefined) throw new Error(`The page has no block of ${language}`);
  return found;
}

/**
 * Packs the package as it would be published, built outside of `dist`, which other tests build and
 * read.
 */
function pack(folder: string): string {
  const contents = join(folder, "package");
  mkdirSync(contents);
  const { files } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
    readonly files: readonly string[];
  };
  // "npm pack" itself applies the entries that begin with "!".
  const paths = files.filter((file) => file !== "dist" && !file.startsWith("!"));
  for (const path of ["package.json", ...paths]) {
    cpSync(join(ROOT, path), join(contents, path), { recursive: true });
  }
  const compile = ["-p", "tsconfig.build.json", "--outDir", join(contents, "dist")];
  run(join(ROOT, "node_modules/.bin/tsc"), compile, ROOT);
  run("npm", ["pack", "--ignore-scripts", "--pack-destination", folder], contents);
  const tarball = readdirSync(folder).find((name) => name.endsWith(".tgz"));
  if (tarball === undefined) throw new Error("npm pack made no tarball");
  return join(folder, tarball);
}

function run(command: string, parameters: readonly string[], cwd: string): void {
  execFileSync(command, parameters, { cwd, env: environment, stdio: "pipe" });
}
