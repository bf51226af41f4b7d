import { fieldError } from "../../core/error/violations.ts";
import type { StatusError } from "../../core/error/error.ts";
import { JsonError, lostNumberError, writeJson } from "../../core/value/json.ts";
import { lostNumber } from "../../core/value/number-source.ts";
import { LIMITS } from "../../core/limits.ts";
import { type JsonObject, type Payload, STRUCT } from "../../core/operation/payload.ts";
import { isUnderValue } from "../../wire/any.ts";
import type { JsonFields } from "../rest/json-fields.ts";

/**
 * The payload in one of two fields: a plain object in `response`, or a message with its type in `responseAny`.
 *
 * @param name such as `response`
 * @returns undefined if both are absent
 * @throws {StatusError} INVALID_ARGUMENT CLAIM_INVALID if both are present, or if the value cannot
 * be stored unchanged
 */
export function payloadOfFields(fields: JsonFields, name: string): Payload | undefined {
  const plain = fields.object(name);
  const any = fields.object(`${name}Any`);
  if (plain !== undefined && any !== undefined)
    throw claimInvalid(fields.pathOf(name), `it is set, and so is '${name}Any'; set one of them`);
  if (plain !== undefined) return plainPayload(plain, fields.pathOf(name));
  return any === undefined ? undefined : payloadOfAny(any, fields.pathOf(`${name}Any`));
}

/**
 * A plain object as a payload.
 *
 * @param field its path, for violations
 * @throws {StatusError} INVALID_ARGUMENT CLAIM_INVALID
 */
export function plainPayload(value: object, field: string): Payload {
  return { type: STRUCT, json: jsonText(value, field) };
}

/** The JSON of an `Any` as a payload. */
function payloadOfAny({ "@type": url, ...fields }: JsonObject, field: string): Payload {
  if (typeof url !== "string" || url === "")
    throw claimInvalid(
      `${field}.@type`,
      "expected the type of a message, such as type.googleapis.com/acme.v1.Disk",
    );
  const type = url.slice(url.lastIndexOf("/") + 1);
  if (!isUnderValue(type)) return { type, json: jsonText(fields, field) };
  if (!("value" in fields))
    throw claimInvalid(`${field}.value`, `expected the JSON of a ${type}, got nothing`);
  return { type, json: jsonText(fields["value"], `${field}.value`) };
}

function jsonText(value: unknown, field: string): string {
  try {
    const lost = lostNumber(value);
    if (lost !== undefined) throw lostNumberError(lost);
    return writeJson(value, { bytesMax: LIMITS.payloadBytesMax });
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    const { path, rule } = error;
    throw claimInvalid(path === "" ? field : `${field}${path.startsWith("[") ? "" : "."}${path}`, rule);
  }
}

/** The error for an invalid value in a worker's call. */
export function claimInvalid(field: string, rule: string): StatusError {
  return fieldError("CLAIM_INVALID", { field, description: `Invalid value at '${field}': ${rule}.` });
}
