import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { dirname, join, relative } from "node:path";
import { test } from "node:test";
import { staticImportsOf } from "./support/source.ts";

const ROOT = join(import.meta.dirname, "..");

/**
 * The modules that loading a source loads: each file with its imports. Type imports and `import()`
 * do not count.
 */
function loadedWith(entry: string): ReadonlyMap<string, readonly string[]> {
  const loaded = new Map<string, readonly string[]>();
  const visit = (file: string): void => {
    const path = relative(ROOT, file);
    if (loaded.has(path)) return;
    const specifiers = staticImportsOf(stripTypeScriptTypes(readFileSync(file, "utf8")));
    loaded.set(path, specifiers);
    for (const specifier of specifiers) if (specifier.startsWith(".")) visit(join(dirname(file), specifier));
  };
  visit(join(ROOT, entry));
  return loaded;
}

test("longrunning/client loads nothing but its own files: no node: module, and gRPC only when it is called", () => {
  const loaded = loadedWith("src/client/index.ts");
  assert.ok(loaded.has("src/client/rest/transport.ts") && loaded.has("src/core/error/error.ts"));
  const foreign = [...loaded].flatMap(([path, specifiers]) =>
    specifiers.filter((specifier) => !specifier.startsWith(".")).map((specifier) => `${path}: ${specifier}`),
  );
  assert.deepEqual(foreign, []);
  assert.ok(![...loaded.keys()].some((path) => /\/(?:gen|proto|grpc\/calls)\b/.test(path)));
});

test("imports are found through other files", () => {
  const loaded = loadedWith("src/client/grpc/calls.ts");
  assert.ok([...loaded.values()].flat().includes("@grpc/grpc-js"));
  assert.ok(loaded.has("src/wire/gen/longrunning/v1/methods_pb.ts"));
});
