import { isNodeNewEnough, oldNodeMessage } from "./node-version.ts";

/**
 * The first import of every public entry point: throws under a version of Node that is too old.
 *
 * Modules run in the order of their imports, so this error comes before any other. But Node links
 * all static imports before any module runs: if one imports from `node:` anything that Node 20
 * lacks, the link fails first, with an unhelpful message. `process.getBuiltinModule` imports such
 * modules instead.
 *
 * Browsers have no `process`, and bundlers give them one without a version.
 */
const { process } = globalThis as { process?: { versions?: { node?: string } } };
const version = process?.versions?.node;
if (version !== undefined && !isNodeNewEnough(version)) throw new Error(oldNodeMessage(version));
