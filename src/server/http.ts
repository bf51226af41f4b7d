/**
 * What we take of `node:http`. It is not imported: an import evaluates every export of the module, and one of them loads the
 * whole of `fetch`, which would cost each start some 40 ms and each server its memory.
 */
export const http: typeof import("node:http") = process.getBuiltinModule("node:http");
