import type { ErrorCode } from "../../core/error/code.ts";
import { httpStatusOf } from "../../wire/code.ts";
import { type JsonSchema, schemaReference } from "./schema.ts";

/** Bodies by media type. @see https://spec.openapis.org/oas/v3.1.0#media-type-object */
export type ContentMap = Readonly<
  Record<string, { readonly schema: JsonSchema; readonly example?: unknown }>
>;

/**
 * A body in both forms: JSON, and with `alt=proto` the bytes of the same message. Both have the
 * message as their schema: generators give an answer the common type of all its media types, and
 * one without a schema has none.
 */
export function messageContent(json: JsonSchema, bytes = json): ContentMap {
  return { "application/json": { schema: json }, "application/x-protobuf": { schema: bytes } };
}

const ANY: JsonSchema = {
  type: "object",
  properties: { "@type": { type: "string", description: "The type URL of the detail." } },
  required: ["@type"],
};

/**
 * The bodies of errors in the default format, and with `$.xgafv=1`. @see contract section 4;
 * AIP-193
 */
export const ERROR_SCHEMAS: Readonly<Record<string, JsonSchema>> = {
  Error: {
    type: "object",
    description: "An error, in the default format.",
    properties: { error: { $ref: schemaReference("ErrorStatus") } },
    required: ["error"],
  },
  ErrorV1: {
    type: "object",
    description: "An error in the format that `$.xgafv=1` asks for: the default one with `errors` added.",
    properties: {
      error: {
        allOf: [{ $ref: schemaReference("ErrorStatus") }],
        properties: { errors: { type: "array", items: { $ref: schemaReference("ErrorV1Item") } } },
        required: ["errors"],
      },
    },
    required: ["error"],
  },
  ErrorStatus: {
    type: "object",
    properties: {
      code: { type: "integer", description: "The HTTP status." },
      message: { type: "string", description: "The description of the error, in English, for developers." },
      status: { type: "string", description: "The name of the google.rpc.Code, such as `NOT_FOUND`." },
      details: {
        type: "array",
        description: "Messages with the details. One of them is a google.rpc.ErrorInfo with a stable reason.",
        items: ANY,
      },
    },
    required: ["code", "message", "status"],
  },
  ErrorV1Item: {
    type: "object",
    properties: {
      message: { type: "string" },
      domain: { type: "string" },
      reason: { type: "string" },
      location: { type: "string" },
      locationType: { type: "string" },
    },
    required: ["message", "reason"],
  },
};

/** The answer to a failed call. */
interface ErrorResponse {
  readonly description: string;
  readonly content: ContentMap;
}

/** In binary form, an error is a plain google.rpc.Status. */
const CONTENT: ContentMap = messageContent(
  { anyOf: [{ $ref: schemaReference("Error") }, { $ref: schemaReference("ErrorV1") }] },
  { $ref: schemaReference("Status") },
);

/** Errors that callers should expect. `default` covers all others. */
const SENTENCES = {
  INVALID_ARGUMENT: "Something about the request is wrong, whatever the state of the service.",
  NOT_FOUND: "Nothing of that name is kept, or not any more.",
  ABORTED: "The method's limit of parallel operations is reached; start it again later.",
  UNIMPLEMENTED: "The service does not do this.",
  RESOURCE_EXHAUSTED: "Too much is asked at once. `Retry-After` tells when to try again.",
  UNAVAILABLE: "The service cannot answer now. `Retry-After` tells when to try again.",
} as const satisfies Partial<Record<ErrorCode, string>>;

/** A code of {@link errorResponses}. */
export type DescribedCode = keyof typeof SENTENCES;

/** Answers by HTTP status, for these codes, and a default for all others. */
export function errorResponses(codes: readonly DescribedCode[]): Record<string, ErrorResponse> {
  const named = codes.map((code) => {
    return [String(httpStatusOf(code)), { description: `${code}: ${SENTENCES[code]}`, content: CONTENT }];
  });
  return { ...Object.fromEntries(named), default: { description: "The call failed.", content: CONTENT } };
}
