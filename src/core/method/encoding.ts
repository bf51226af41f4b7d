import { violationsText } from "../error/violations.ts";
import { EMPTY, type Payload } from "../operation/payload.ts";
import { SERVICE_METADATA_FIELDS } from "./metadata.ts";
import type { Method } from "./method.ts";
import type { SchemaIssue, SchemaResult } from "./schema.ts";
import type { Validations } from "./validation.ts";

/** A response as it is kept; or what its schema found; or what the schema, or the writing of it, threw. */
export type EncodedResponse =
  | { readonly payload: Payload }
  | { readonly issues: readonly SchemaIssue[] }
  | { readonly thrown: unknown };

/** What a handler gave, as its operation keeps it. A method without a response schema answers Empty, whatever it is. */
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

/** What a handler reported, as its operation keeps it. @throws {TypeError} for what does not fit */
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
