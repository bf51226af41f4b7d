import { trace } from "@opentelemetry/api";
import { z } from "zod";
import { defineMethod } from "../../src/index.ts";

/** Fails once, and then returns the trace of its handler. */
export const flaky = defineMethod({
  name: "flaky",
  request: z.object({}),
  response: z.object({ traceId: z.string(), spanId: z.string() }),
  retry: { attempts: 2, initialDelay: "1ms" },
  async run(_request, { attempt }) {
    await Promise.resolve();
    const { traceId = "", spanId = "" } = trace.getActiveSpan()?.spanContext() ?? {};
    if (attempt === 1) throw new RangeError("not yet");
    return { traceId, spanId };
  },
});
