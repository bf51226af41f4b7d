import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse, parseAllDocuments } from "yaml";

/** The root of the repository. */
export const ROOT = fileURLToPath(new URL("../../", import.meta.url));
/** The files that operators copy. */
export const DEPLOY = join(ROOT, "deploy");

/** Any value of YAML or JSON. */
export type Tree = null | boolean | number | string | readonly Tree[] | { readonly [key: string]: Tree };

/** The text of a file below `deploy/`. */
export function textOf(path: string): string {
  return readFileSync(join(DEPLOY, path), "utf8");
}

/** The only document of a YAML file below `deploy/`, with aliases and merge keys resolved. */
export function yamlOf(path: string): Tree {
  return parse(textOf(path), { merge: true }) as Tree;
}

/**
 * All documents of a YAML text. @throws {Error} if one of them is not well-formed, or has a
 * duplicate key
 */
export function documentsIn(text: string): readonly Tree[] {
  return parseAllDocuments(text, { merge: true }).map((document) => {
    const [error] = [...document.errors, ...document.warnings];
    if (error !== undefined) throw error;
    return document.toJS() as Tree;
  });
}

/** The paths below `deploy/` that match a pattern. */
export function pathsOf(pattern: string): readonly string[] {
  return globSync(pattern, { cwd: DEPLOY }).map((path) => path.replaceAll("\\", "/"));
}

/** The value at a path such as `spec.template.0`; undefined if there is none. */
export function at(tree: Tree | undefined, path: string): Tree | undefined {
  let found: Tree | undefined = tree;
  for (const key of path === "" ? [] : path.split(".")) {
    if (typeof found !== "object" || found === null) return undefined;
    found = (found as { readonly [key: string]: Tree })[key];
  }
  return found;
}

/** A text, number or boolean as text; empty for anything else. */
export function textAt(tree: Tree | undefined, path: string): string {
  const found = at(tree, path);
  return typeof found === "object" || found === undefined ? "" : String(found);
}

/** The elements of a list; none for anything else. */
export function listAt(tree: Tree | undefined, path: string): readonly Tree[] {
  const found = at(tree, path);
  return Array.isArray(found) ? (found as readonly Tree[]) : [];
}

/** The keys and values of an object; none for anything else. */
export function entriesAt(tree: Tree | undefined, path: string): readonly (readonly [string, Tree])[] {
  const found = at(tree, path);
  return typeof found === "object" && found !== null && !Array.isArray(found) ? Object.entries(found) : [];
}
