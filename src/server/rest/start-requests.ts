import { StatusError } from "../../core/error/error.ts";
import { fieldError } from "../../core/error/violations.ts";
import type { JsonObject } from "../../core/operation/payload.ts";
import type { StartRequest } from "../../engine/starting/request.ts";
import { checkStartCount, requestsInvalid } from "../../engine/starting/start-many.ts";
import { lowerCamelCase, protoDurationMs } from "./query.ts";
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
 * The starts in the body of `:startOperations`; in the place of one that cannot be meant, why.
 *
 * @throws {StatusError} INVALID_ARGUMENT REQUEST_INVALID for a body that is no list of starts
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
  if (!isObject(value)) throw invalidField(place, "an object", value);
  const fields = withoutNulls(value);
  checkFields(fields, FIELDS);
  const { timeToLive, delay, request = {} } = fields;
  if (!isObject(request)) throw invalidField(`${place}.request`, "an object", request);
  return {
    method: textField(fields, "method", place) ?? "",
    parent: textField(fields, "parent", place),
    request,
    requestId: textField(fields, "requestId", place),
    validateOnly: booleanField(fields, "validateOnly", place),
    timeToLiveMs:
      timeToLive === undefined
        ? undefined
        : protoDurationMs("timeToLive", timeToLive, "TIME_TO_LIVE_INVALID"),
    delayMs: delay === undefined ? undefined : protoDurationMs("delay", delay, "DELAY_INVALID"),
    priority: numberField(fields, "priority"),
    callbackUrl: textField(fields, "callbackUrl", place),
  };
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A field that is null is one that was left out, as in all proto-JSON; and names may be in lower_snake_case. */
function withoutNulls(value: JsonObject): JsonObject {
  const given = Object.entries(value).filter(([, each]) => each !== null);
  return Object.fromEntries(given.map(([name, each]) => [lowerCamelCase(name), each]));
}

function textField(fields: JsonObject, name: string, place: string): string | undefined {
  const value = fields[name];
  if (value === undefined || typeof value === "string") return value;
  throw invalidField(`${place}.${name}`, "a text", value);
}

function booleanField(fields: JsonObject, name: string, place: string): boolean | undefined {
  const value = fields[name];
  if (value === undefined || typeof value === "boolean") return value;
  throw invalidField(`${place}.${name}`, "true or false", value);
}

/** Whether it is one that a priority can be is for the engine to say. Proto-JSON takes numbers in quotes. */
function numberField(fields: JsonObject, name: string): number | undefined {
  const value = fields[name];
  if (value === undefined || typeof value === "number") return value;
  return typeof value === "string" && /^-?\d{1,10}$/.test(value) ? Number(value) : Number.NaN;
}

function invalidField(field: string, expected: string, value: unknown): StatusError {
  const shown = (JSON.stringify(value) ?? "").slice(0, 200);
  const description = `Invalid value at '${field}': expected ${expected}, got ${shown}.`;
  return fieldError("REQUEST_INVALID", { field, description });
}
