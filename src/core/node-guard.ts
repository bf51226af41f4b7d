import { isNodeNewEnough, oldNodeMessage } from "./node-version.ts";

/**
 * The first import of every public entry point: throws under a version of Node that is too old.
 *
 * Modules run in the order of their imports, so this error comes before any other. But Node links
 * all static imports before any module runs: a static import from `node:` of anything that Node 20
 * lacks would fail first, with a message that does not help. `process.getBuiltinModule` imports
 * such modules instead.
 *
 * Browsers have no `process`, and bundlers give them one without a version.
 */
const { process } = globalThis as { process?: { versions?: { node?: string } } };
const version = process?.versions?.node;
if (version !== undefined && !isNodeNewEnough(version)) throw new Error(oldNodeMessage(version));
