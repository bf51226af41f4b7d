import { LIMITS } from "../core/limits.ts";
import { defineMethod, type Method } from "../core/method/method.ts";
import type { Schema } from "../core/method/schema.ts";
import { HTTP_REQUEST, KEPT_REQUEST, type KeptAnswer, targetText } from "./record.ts";
import { send, type SendingParts } from "./sending.ts";

const ANSWER: Schema<KeptAnswer> = {
  "~standard": { version: 1, vendor: "longrunning", validate: (value) => ({ value: value as KeptAnswer }) },
};

/**
 * Declares the method. The handler refuses to repeat requests that must not be repeated, because
 * all operations of a method have the same number of attempts.
 */
export function httpRequestMethod(parts: SendingParts & { readonly heapBytesMax: number }): Method {
  return defineMethod({
    name: HTTP_REQUEST,
    description: "Sends a request to the server behind the proxy, and keeps its answer.",
    request: KEPT_REQUEST,
    response: ANSWER,
    retry: { attempts: 3, initialDelay: "1s" },
    concurrency: sentAtOnce(parts.heapBytesMax),
    timeToLive: { default: "1d", min: "1s", max: "30d" },
    target: targetText,
    run: (request, context) => send(request, context, parts),
  });
}

/** The requests that a process sends at a time, each with its body and its answer in memory. */
export function sentAtOnce(heapBytesMax: number): number {
  return Math.max(1, Math.min(LIMITS.concurrency, Math.floor(heapBytesMax / LIMITS.proxyHeapBytes)));
}
