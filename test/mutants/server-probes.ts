import type { Mutant } from "./mutant.ts";

/**
 * Faults of the answers that `src/server` gives before all others: probes, stops, and ports without
 * a store.
 */
export const SERVER_PROBES: readonly Mutant[] = [
  {
    id: "store-asked-by-each-probe",
    file: "src/server/probes/store-check.ts",
    find: "now - latest.beganAt < LIMITS.storeCheckMs",
    replace: "now - latest.beganAt < 0",
    fault: "Each probe of each load balancer is a query.",
  },
  {
    id: "silent-store-asked-again",
    file: "src/server/probes/store-check.ts",
    find: "latest.isUnderWay || now",
    replace: "now",
    fault: "A store that hangs is asked more and more, and every question holds a connection.",
  },
  {
    id: "probe-waits-for-silent-store",
    file: "src/server/probes/store-check.ts",
    find: "() => resolve(TOO_LATE)",
    replace: "() => void TOO_LATE",
    fault: "A store that hangs makes probes hang.",
  },
  {
    id: "ready-while-draining",
    file: "src/server/probes/health.ts",
    find: "return !this.#draining && !this.#lost;",
    replace: "return !this.#lost;",
    fault: "gRPC health checks succeed although the process was told to stop.",
  },
  {
    id: "excluded-check-asks-store",
    file: "src/server/probes/health.ts",
    find: "READY_CHECKS.filter((name) => !leftOut.has(name))",
    replace: 'READY_CHECKS.filter((name) => !leftOut.has(name) || name === "store")',
    fault: "A probe that excludes the store fails with it.",
  },
  {
    id: "unready-is-ok",
    file: "src/server/probes/probes.ts",
    find: "page(isWell ? HTTP_OK : HTTP_UNAVAILABLE",
    replace: "page(isWell ? HTTP_UNAVAILABLE : HTTP_OK",
    fault: "A server that drains is sent calls.",
  },
  {
    id: "stop-takes-any-method",
    file: "src/server/stops/stop.ts",
    find: 'if (request.method !== "GET" && request.method !== "HEAD") return',
    replace: 'if (request.method === "PATCH") return',
    fault: "POST to a probe is answered as GET is.",
  },
  {
    id: "page-for-programs",
    file: "src/server/stops/index-page.ts",
    find: "page === undefined || !wantsHtml(request)",
    replace: "page === undefined || wantsHtml(request)",
    fault: "Programs are sent to the page, and people get JSON.",
  },
  {
    id: "service-stays-refused",
    file: "src/server/entrance.ts",
    find: "    this.#grpc = grpc;\n",
    replace: "    void grpc;\n",
    fault: "Calls of gRPC are refused for ever, as if the server were starting.",
  },
  {
    id: "drain-unnoticed-in-delay",
    file: "src/assembly/serve.ts",
    find: "    health.drain();\n    if (delay",
    replace: "    if (delay !== undefined) health.drain();\n    if (delay",
    fault: "Load balancers learn that a server stops when it has closed its port.",
  },
  {
    id: "worker-probes-closed-first",
    file: "src/assembly/serve.ts",
    find: "    await operations.stop(how);\n    await probes?.listening.close({ graceMs: 0 });",
    replace: "    await probes?.listening.close({ graceMs: 0 });\n    await operations.stop(how);",
    fault: "A worker that drains looks dead.",
  },
  {
    id: "query-in-access-log",
    file: "src/server/rest/told-request.ts",
    find: "loggedPath(splitTarget(url)[0])",
    replace: 'loggedPath(splitTarget(url).join("?"))',
    fault: "The log holds keys and filters of callers.",
  },
  {
    id: "access-log-by-itself",
    file: "src/cli/commands/serve.ts",
    find: "accessLog ? told : [...told, ...ACCESS_EVENTS]",
    replace: "accessLog ? [...told, ...ACCESS_EVENTS] : told",
    fault: "Each request is logged although no setting asks for it.",
  },
  {
    id: "field-in-place-of-time",
    file: "src/cli/log/machine-line.ts",
    find: "lineOf({ ...head, ...plain(fields), ...traced, ...head, message })",
    replace: "lineOf({ ...head, message, ...plain(fields), ...traced })",
    fault: "A field that is called as a part of the line takes its place.",
  },
  {
    id: "trace-of-nobody",
    file: "src/core/trace-context.ts",
    find: "-(?!0{16})([0-9a-f]{16})",
    replace: "-([0-9a-f]{16})",
    fault: "A traceparent that W3C forbids is a place in a trace.",
  },
];
