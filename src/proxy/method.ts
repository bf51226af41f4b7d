import { defineMethod, type Method } from "../core/method/method.ts";
import type { Schema } from "../core/method/schema.ts";
import { HTTP_REQUEST, KEPT_REQUEST, type KeptAnswer, targetText } from "./record.ts";
import { send, type SendingParts } from "./sending.ts";

const ANSWER: Schema<KeptAnswer> = {
  "~standard": { version: 1, vendor: "longrunning", validate: (value) => ({ value: value as KeptAnswer }) },
};

/**
 * Declares it. What may not be repeated is refused by the handler, since the attempts of a method are the same for all its operations.
 */
export function httpRequestMethod(parts: SendingParts): Method {
  return defineMethod({
    name: HTTP_REQUEST,
    description: "Sends a request to the server behind the proxy, and keeps its answer.",
    request: KEPT_REQUEST,
    response: ANSWER,
    retry: { attempts: 3, initialDelay: "1s" },
    timeToLive: { default: "1d", min: "1s", max: "30d" },
    target: targetText,
    run: (request, context) => send(request, context, parts),
  });
}
