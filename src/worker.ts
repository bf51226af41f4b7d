/**
 * `longrunning/worker`: handlers that run without the store, for a server that others operate. A door of its own, so that neither
 * servers nor workers load what only the other needs.
 */
export { type OpenedWorker, openWorker } from "./assembly/open-worker.ts";
export type { OpenWorkerOptions, WorkerCredentials } from "./assembly/open-worker-options.ts";
export { type Context, defineMethod, type Method, type MethodOptions } from "./core/method/method.ts";
export { StatusError } from "./core/error/error.ts";
