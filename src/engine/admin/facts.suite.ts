import type { LiveCount, ProcessRow } from "../../core/ports/statistics-store.ts";

/** The unfinished operations of `pack`; zero for missing fields. */
export function liveCount(fields: Partial<LiveCount> = {}): LiveCount {
  return {
    method: "pack",
    waiting: 0,
    blocked: 0,
    delayed: 0,
    running: 0,
    oldestWaiting: null,
    oldestBlocked: null,
    ...fields,
  };
}

/** A process that runs `pack` with four free slots. */
export function processRow(fields: Partial<ProcessRow> = {}): ProcessRow {
  return {
    id: "host-1-a",
    host: "host",
    pid: 1,
    version: "1.0.0",
    role: "all",
    startTime: 0,
    seenTime: 0,
    slots: 4,
    running: 0,
    draining: false,
    methods: ["pack"],
    ...fields,
  };
}
