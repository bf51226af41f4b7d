import { violationsText } from "../error/violations.ts";
import { EMPTY, type Payload } from "../operation/payload.ts";
import { SERVICE_METADATA_FIELDS } from "./metadata.ts";
import type { Method } from "./method.ts";
import type { SchemaIssue, SchemaResult } from "./schema.ts";
import type { Validations } from "./validation.ts";

/** A response in stored form, the schema's issues, or the error of the schema or the encoding. */
export type EncodedResponse =
  | { readonly payload: Payload }
  | { readonly issues: readonly SchemaIssue[] }
  | { readonly thrown: unknown };

/**
 * Validates and encodes a handler's response for storage. Without a response schema, the response
 * is always Empty.
 */
export async function encodedResponse(
  method: Pick<Method, "name" | "response" | "codec">,
  given: unknown,
  validations: Validations,
): Promise<EncodedResponse> {
  if (method.response === undefined) return { payload: EMPTY };
  try {
    const output = await validations.of(method.response, given);
    if (output.issues !== undefined) return { issues: output.issues };
    return { payload: method.codec.response(`Response of "${method.name}"`, output.value) };
  } catch (thrown) {
    return { thrown };
  }
}

/** Encodes a handler's report for storage. @throws {TypeError} if it does not match */
export function encodedReport(
  method: Pick<Method, "name" | "metadataShape" | "codec">,
  result: SchemaResult<unknown>,
): Payload {
  const what = `Progress of "${method.name}"`;
  if (result.issues !== undefined) throw new TypeError(`${what}: ${violationsText(result.issues)}`);
  const { value } = result;
  if (typeof value !== "object" || value === null) {
    throw new TypeError(`${what}: expected an object, got ${value === null ? "null" : typeof value}`);
  }
  if (method.metadataShape === undefined) {
    const taken = Object.keys(value).find((key) => SERVICE_FIELDS.has(key));
    if (taken !== undefined)
      throw new TypeError(`${what}: "${taken}" is filled by the service; use another name`);
  }
  return method.codec.metadata(what, value);
}

const SERVICE_FIELDS: ReadonlySet<string> = new Set(SERVICE_METADATA_FIELDS);
