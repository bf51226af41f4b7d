import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const ROOT = new URL("../../", import.meta.url);

/** The names of Node 24 that Node 20.20 lacks; `all` for a whole module. */
const LACKED = {
  "node:crypto": ["argon2", "argon2Sync"],
  "node:fs": ["glob", "globSync", "mkdtempDisposableSync", "Utf8Stream"],
  "node:fs/promises": ["glob", "mkdtempDisposable"],
  "node:http": ["CloseEvent", "MessageEvent", "WebSocket", "setGlobalProxyFromEnv"],
  "node:module": [
    "constants",
    "enableCompileCache",
    "findPackageJSON",
    "flushCompileCache",
    "getCompileCacheDir",
    "registerHooks",
    "stripTypeScriptTypes",
  ],
  "node:sqlite": "all",
  "node:tls": ["getCACertificates", "setDefaultCACertificates"],
  "node:url": ["URLPattern", "fileURLToPathBuffer"],
  "node:util": ["diff", "getCallSites", "getSystemErrorMessage", "setTraceSigInt"],
  "node:worker_threads": ["isInternalThread", "isMarkedAsUntransferable", "locks", "markAsUncloneable"],
  "node:zlib": ["createZstdCompress", "createZstdDecompress", "zstdCompress", "zstdDecompress"],
};

/** A module to load first: static imports then find what Node 20.20 has. */
const OLD_NODE = `
  import { registerHooks } from "node:module";
  const lacked = ${JSON.stringify(LACKED)};
  const namesOf = Object.fromEntries(
    await Promise.all(Object.keys(lacked).map(async (id) => [id, Object.keys(await import(id))])),
  );
  Object.defineProperty(process.versions, "node", { value: "20.20.2" });
  registerHooks({
    resolve(specifier, context, next) {
      if (!(specifier in lacked) || context.parentURL?.startsWith("data:")) return next(specifier, context);
      if (lacked[specifier] === "all") throw new Error("No such built-in module: " + specifier);
      const names = namesOf[specifier].filter((name) => /^\\w+$/.test(name) && !lacked[specifier].includes(name));
      const text = "export { " + names.join(", ") + " } from " + JSON.stringify(specifier);
      return { url: "data:text/javascript," + encodeURIComponent(text), shortCircuit: true };
    },
  });`;

function underOldNode(...words: readonly string[]) {
  const hook = `data:text/javascript,${encodeURIComponent(OLD_NODE)}`;
  const program = ["--disable-warning=ExperimentalWarning", "--import", hook, ...words];
  return spawnSync(process.execPath, program, { encoding: "utf8", cwd: fileURLToPath(ROOT) });
}

/** The sources of the entry points that package.json names. */
function entryPoints(): readonly string[] {
  const { exports } = JSON.parse(readFileSync(new URL("package.json", ROOT), "utf8")) as {
    exports: Record<string, string | { default: string }>;
  };
  return Object.values(exports).flatMap((each) =>
    typeof each === "string" ? [] : [each.default.replace(/^\.\/dist\/(.+)\.js$/, "./src/$1.ts")],
  );
}

for (const path of entryPoints())
  test(`an old Node that imports ${path} gets a message about the required Node`, () => {
    const { stderr, status } = underOldNode(
      "--input-type=module",
      "--eval",
      `import ${JSON.stringify(path)}`,
    );
    assert.match(stderr, /^Error: longrunning needs Node 24 or newer, and this is Node 20\.20\.2\. .+\.$/m);
    assert.equal(status, 1);
  });

test("an old Node that runs the command line gets a message about the required Node", () => {
  const { stderr, status } = underOldNode("src/cli/main.ts", "list");
  assert.match(stderr, /^error: longrunning needs Node 24 or newer, and this is Node 20\.20\.2\. .+\.\n$/);
  assert.equal(status, 7);
});
