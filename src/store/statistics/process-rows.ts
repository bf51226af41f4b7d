import type { ProcessRow } from "../../core/ports/statistics-store.ts";

/** The columns of processes, in the order of {@link processCells}. */
export const PROCESS_COLUMNS =
  "id, host, pid, version, role, start_time, seen_time, slots, running, draining, methods";

/** The cells of a row; booleans are 0 or 1. */
export function processCells(process: ProcessRow): readonly (string | number)[] {
  const { id, host, pid, version, role, startTime, seenTime, slots, running, draining, methods } = process;
  const texts = [id, host, pid, version, role];
  return [...texts, startTime, seenTime, slots, running, draining ? 1 : 0, JSON.stringify(methods)];
}

/** The row that the cells describe. */
export function readProcess(cells: readonly unknown[]): ProcessRow {
  const [id, host, pid, version, role, startTime, seenTime, slots, running, draining, methods] = cells;
  return {
    id: String(id),
    host: String(host),
    pid: Number(pid),
    version: String(version),
    role: String(role) as ProcessRow["role"],
    startTime: Number(startTime),
    seenTime: Number(seenTime),
    slots: Number(slots),
    running: Number(running),
    draining: Number(draining) !== 0,
    methods: JSON.parse(String(methods)) as readonly string[],
  };
}
