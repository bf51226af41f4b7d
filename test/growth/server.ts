import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serve } from "../../src/assembly/serve.ts";
import { type Cost, LoopMeter } from "./loop-meter.ts";
import { echo, mirror, strict } from "./methods.ts";

/**
 * A server in a process of its own that reports the cost of its event loop. It answers any message
 * with the {@link Cost} since the last one.
 */
const folder = mkdtempSync(join(tmpdir(), "longrunning-growth-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
const store = `sqlite:${join(folder, "operations.db")}`;
const { url } = await serve({ methods: [echo, strict, mirror], store, port: 0, jsonp: true });
const meter = new LoopMeter();
process.on("message", () => {
  const cost: Cost = meter.read();
  process.send?.(cost);
});
process.on("disconnect", () => process.exit());
process.send?.(url);
