import type { Figures, Question } from "./child.ts";

/**
 * Acts as if memory were short: the memory that V8 reserved for its young generation and does not
 * use is returned to the system.
 */
const COLLECT_ALL = { type: "major", execution: "sync", flavor: "last-resort" } as const;

/**
 * Loaded into a measured process before anything else: answers its parent's questions about the
 * process. The figures cover the whole process with all threads. Questions cost nothing during a
 * load, because none is asked then.
 */
process.on("message", (question: Question) => {
  if (question === "memory") globalThis.gc?.(COLLECT_ALL);
  const { user, system } = process.cpuUsage();
  const figures: Figures = { cpuMicroseconds: user + system, residentBytes: process.memoryUsage.rss() };
  process.send?.(figures);
});
// A server with nothing else to do may exit.
process.channel?.unref();
