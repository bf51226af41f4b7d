import { once } from "node:events";
import { z } from "zod";
import { type Context, defineMethod, StatusError } from "../../../src/worker.ts";
import type { Order } from "../witness.ts";

/**
 * Handlers that follow the orders of the witness. The schemas accept everything, because the server
 * should reject what does not fit.
 */

const request = z.object({ url: z.string(), value: z.unknown().optional() });
const anything = z.record(z.string(), z.unknown());
type Request = z.infer<typeof request>;

async function follow(asked: Request, context: Context<Record<string, unknown>>) {
  const { name, attempt, signal, report, lastReport } = context;
  const about = { operation: name, attempt };
  let said: object = { event: "began", ...about, request: asked, lastReport };
  for (;;) {
    const answer = await fetch(asked.url, { method: "POST", body: JSON.stringify(said) });
    const order = (await answer.json()) as Order;
    if (order.do === "return") return order.response as Record<string, unknown> | null;
    if (order.do === "stop") throw signal.reason;
    if (order.do === "fail") throw new StatusError(order.code as "UNAVAILABLE", order.message);
    if (order.do === "throw") throw order.odd === true ? undefined : new Error(order.message);
    if (order.do === "report") report(order.metadata as Record<string, unknown>);
    if (order.do === "wait" && !signal.aborted) await once(signal, "abort");
    if (order.do === "compute") for (const until = Date.now() + order.ms; Date.now() < until; );
    said = { event: signal.aborted ? "stopped" : "done", ...about };
  }
}

/** The only code with which cases request another attempt. */
const retry = { attempts: 3, initialDelay: "1ms", maxDelay: "1ms", codes: ["UNAVAILABLE"] } as const;
const common = { request, metadata: anything, retry } as const;

export const steered = defineMethod({
  name: "steered",
  ...common,
  response: anything,
  run: async (asked, context) => (await follow(asked, context)) ?? {},
});

export const silent = defineMethod({
  name: "silent",
  ...common,
  run: async (asked, context) => void (await follow(asked, context)),
});
