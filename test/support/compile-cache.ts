import { enableCompileCache } from "node:module";
import { join } from "node:path";

/**
 * Spares each test file and each program that tests start most of what loading costs, from the second process on: types
 * that are stripped and code that is compiled are kept. To be loaded with `--import`.
 */
const folder = join(import.meta.dirname, "..", "..", "node_modules", ".cache", "compiled");
process.env["NODE_COMPILE_CACHE"] ??= folder;
enableCompileCache(folder);
