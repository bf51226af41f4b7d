import { StatusError } from "../../core/error/error.ts";
import type { JsonObject } from "../../core/operation/payload.ts";
import type { StartRequest } from "../../engine/starting/request.ts";
import { checkStartCount, requestsInvalid } from "../../engine/starting/start-many.ts";
import { JsonFields } from "./json-fields.ts";
import { protoDurationMs } from "./query.ts";
import { checkFields } from "./transcoding.ts";

/** The fields of a `longrunning.v1.StartOperationRequest` in JSON. */
const FIELDS = [
  "method",
  "parent",
  "request",
  "requestId",
  "validateOnly",
  "timeToLive",
  "delay",
  "priority",
  "callbackUrl",
] as const;

/**
 * The starts in the body of `:startOperations`; an invalid start is replaced by its error.
 *
 * @throws {StatusError} INVALID_ARGUMENT REQUEST_INVALID if the body is not a list of starts
 */
export function startsOfBody(body: JsonObject): readonly (StartRequest | StatusError)[] {
  checkFields(body, ["requests"]);
  const { requests } = body;
  if (!Array.isArray(requests)) {
    throw requestsInvalid(
      `Invalid requests: expected a list of starts, got ${requests === undefined ? "none" : typeof requests}.`,
    );
  }
  checkStartCount(requests.length);
  return requests.map((each: unknown, index) => {
    try {
      return startOfElement(each, `requests[${index}]`);
    } catch (error) {
      if (error instanceof StatusError) return error;
      throw error;
    }
  });
}

function startOfElement(value: unknown, place: string): StartRequest {
  const fields = new JsonFields(value, FIELDS, { place });
  const timeToLive = fields.value("timeToLive");
  const delay = fields.value("delay");
  return {
    method: fields.text("method") ?? "",
    parent: fields.text("parent"),
    request: fields.object("request") ?? {},
    requestId: fields.text("requestId"),
    validateOnly: fields.boolean("validateOnly"),
    timeToLiveMs:
      timeToLive === undefined
        ? undefined
        : protoDurationMs("timeToLive", timeToLive, "TIME_TO_LIVE_INVALID"),
    delayMs: delay === undefined ? undefined : protoDurationMs("delay", delay, "DELAY_INVALID"),
    priority: priorityOf(fields.value("priority")),
    callbackUrl: fields.text("callbackUrl"),
  };
}

/** The engine checks the range of the priority. Proto-JSON allows numbers in quotes. */
function priorityOf(value: unknown): number | undefined {
  if (value === undefined || typeof value === "number") return value;
  return typeof value === "string" && /^-?\d{1,10}$/.test(value) ? Number(value) : Number.NaN;
}
