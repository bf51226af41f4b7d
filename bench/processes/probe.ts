import type { Figures, Question } from "./child.ts";

/** As if memory were short: what V8 has grown its young generation to, and holds nothing in, goes back to the machine. */
const COLLECT_ALL = { type: "major", execution: "sync", flavor: "last-resort" } as const;

/**
 * Loaded into a measured process before anything else: answers its parent's questions about it. The figures are the whole
 * process's, all threads together. A question costs nothing while the load runs, since none is asked then.
 */
process.on("message", (question: Question) => {
  if (question === "memory") globalThis.gc?.(COLLECT_ALL);
  const { user, system } = process.cpuUsage();
  const figures: Figures = { cpuMicroseconds: user + system, residentBytes: process.memoryUsage.rss() };
  process.send?.(figures);
});
// A server that has nothing else to do may end.
process.channel?.unref();
