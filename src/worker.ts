/**
 * `longrunning/worker`: handlers that run without the store and connect to a server. It is a
 * separate entry point, so that servers and workers load only the code that they need.
 */
import "./core/node-guard.ts";
export { type OpenedWorker, openWorker } from "./assembly/open-worker.ts";
export type { OpenWorkerOptions, WorkerCredentials } from "./assembly/open-worker-options.ts";
export { type Context, defineMethod, type Method, type MethodOptions } from "./core/method/method.ts";
export { StatusError } from "./core/error/error.ts";
