/**
 * The used part of `node:http`. It is not imported: an import evaluates every export of the module,
 * and one of them loads the whole of `fetch`, which would add about 40 ms to each start and use
 * memory.
 */
export const http: typeof import("node:http") = process.getBuiltinModule("node:http");
