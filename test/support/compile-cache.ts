import { enableCompileCache } from "node:module";
import { join } from "node:path";

/**
 * Spares test files and programs that tests start most of the loading time, from the second process
 * on: the results of stripping types and compiling are cached. Load it with `--import`.
 */
const folder = join(import.meta.dirname, "..", "..", "node_modules", ".cache", "compiled");
/** The folder of the cache, for the environment of programs that inherit no other variables. */
export const NODE_COMPILE_CACHE = (process.env["NODE_COMPILE_CACHE"] ??= folder);
enableCompileCache(NODE_COMPILE_CACHE);
