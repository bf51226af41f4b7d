import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** A folder of its own, so that no peer becomes one of our dependencies. */
const FOLDER = join(import.meta.dirname, ".installed");

/** A module in this folder, so that it finds the installed packages. */
const LOADER = join(FOLDER, "load.js");

/** The measured versions, and further packages that they need. */
const PACKAGES = {
  "@dbos-inc/dbos-sdk": "5.3.0",
  "@restatedev/restate-sdk": "1.17.2",
  "@restatedev/restate-server": "1.7.12",
  "absurd-sdk": "0.5.0",
  bullmq: "6.7.0",
  "graphile-worker": "0.18.0",
  ioredis: "5.11.1",
  openworkflow: "0.10.1",
  pg: "8.23.1",
  "pg-boss": "12.38.0",
  postgres: "3.4.9",
};

/** Installs the peers, unless exactly these versions are installed already. */
export function installPeers(): void {
  const manifest = `${JSON.stringify({ private: true, type: "module", dependencies: PACKAGES }, null, 2)}\n`;
  const path = join(FOLDER, "package.json");
  const lock = join(FOLDER, "node_modules", ".package-lock.json");
  if ([lock, path, LOADER].every((each) => existsSync(each)) && readFileSync(path, "utf8") === manifest)
    return;
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(path, manifest);
  writeFileSync(LOADER, "export const load = (name) => import(name);\n");
  // No peer needs its install scripts: native code comes in separate packages.
  const words = ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  execFileSync("npm", words, { cwd: FOLDER, stdio: "inherit" });
}

interface Loader {
  load(name: string): Promise<unknown>;
}

/** The module under a name, such as `bullmq` or `openworkflow/postgres`. */
export async function installed<Exports>(name: string): Promise<Exports> {
  const loader = (await import(pathToFileURL(LOADER).href)) as Loader;
  return (await loader.load(name)) as Exports;
}

/** A file next to the packages. */
export function installedPath(file: string): string {
  return join(FOLDER, file);
}

/** A file of a package, such as a program. */
export function installedFile(packageName: string, file: string): string {
  return installedPath(join("node_modules", packageName, file));
}

/** The installed version. */
export function versionOf(packageName: string): string {
  const manifest: unknown = createRequire(import.meta.url)(installedFile(packageName, "package.json"));
  return (manifest as { readonly version: string }).version;
}
