import { HTTP_ACCEPTED, HTTP_NOT_MODIFIED, HTTP_OK } from "../../wire/code.ts";
import type { MethodDescription } from "../discovery/description.ts";
import { type ContentMap, type DescribedCode, errorResponses, messageContent } from "./errors.ts";
import { type JsonSchema, parameterObject, schemaReference } from "./schema.ts";

/**
 * Facts that the discovery description of a method lacks, or expresses in a form that OpenAPI does
 * not have.
 */
export interface OperationExtras {
  readonly tag: string;
  /**
   * Replaces the parameters with these names. Path parameters of OpenAPI have no slashes; ours may
   * have.
   */
  readonly parameters?: Readonly<Record<string, JsonSchema>>;
  /** The schema of a successful answer, if more is known than the message. */
  readonly answer?: JsonSchema;
  /** Whether the body is optional. */
  readonly bodyIsOptional?: boolean;
  /** Whether the answer has an `ETag` and the method supports `If-None-Match`. */
  readonly tagged?: boolean;
  /** Whether it starts an operation and supports `Prefer`. */
  readonly starts?: boolean;
  /** A body that the method would probably accept. @default none */
  readonly example?: unknown;
  /**
   * How `POST /v1:{method}` starts the same operation, with a request that it would probably accept.
   * Written as the extension `x-longrunning-start`. @default none
   */
  readonly start?: { readonly method: string; readonly request: object } | undefined;
  readonly errors: readonly DescribedCode[];
}

/**
 * The object for an operation of a path. @see https://spec.openapis.org/oas/v3.1.0#operation-object
 */
export function operationObject(method: MethodDescription, extras: OperationExtras): object {
  const { id, description, parameters, request, response } = method;
  const own = Object.entries(parameters).map(
    ([name, parameter]) => extras.parameters?.[name] ?? parameterObject(name, parameter),
  );
  const all = [
    ...own,
    ...(extras.tagged === true ? [IF_NONE_MATCH] : []),
    ...(extras.starts === true ? [PREFER] : []),
  ];
  const content = messageContent(extras.answer ?? referenceTo(response));
  return {
    operationId: id,
    summary: summaryOf(method),
    tags: [extras.tag],
    description,
    ...(all.length === 0 ? {} : { parameters: all }),
    ...(request === undefined
      ? {}
      : {
          requestBody: {
            required: extras.bodyIsOptional !== true,
            content: json(referenceTo(request), extras.example),
          },
        }),
    responses: {
      [HTTP_OK]: {
        description: `The call succeeded: ${response.$ref}.`,
        ...(extras.tagged === true ? { headers: { ETag: ETAG } } : {}),
        content,
      },
      ...(extras.starts === true ? { [HTTP_ACCEPTED]: { ...ACCEPTED, content } } : {}),
      ...(extras.tagged === true ? { [HTTP_NOT_MODIFIED]: { description: "Nothing has changed." } } : {}),
      ...errorResponses(extras.errors),
    },
    ...(extras.start === undefined ? {} : { "x-longrunning-start": extras.start }),
  };
}

/** The first sentence of the description, or the name of the method. */
function summaryOf({ id, description }: MethodDescription): string {
  return /^[^\n]*?[.!?](?=\s|$)/.exec(description)?.[0] ?? (description.split("\n")[0] || id);
}

const ETAG = { description: "Changes whenever the operation does.", schema: { type: "string" } };

const IF_NONE_MATCH = {
  name: "If-None-Match",
  in: "header",
  description: "The `ETag` that the caller has. If it is still current, the answer has no body.",
  schema: { type: "string" },
};

const PREFER = {
  name: "Prefer",
  in: "header",
  description:
    "`respond-async` for 202 while the operation is not done; `wait=N` to wait up to N seconds for its end.",
  schema: { type: "string" },
};

const ACCEPTED = {
  description:
    "The operation has started and is not done. Callers get this answer only if they ask for it with `Prefer`.",
  headers: {
    Location: { description: "The address of the operation.", schema: { type: "string" } },
    "Retry-After": {
      description: "The seconds to wait before the next request.",
      schema: { type: "integer" },
    },
  },
};

function json(schema: JsonSchema, example: unknown): ContentMap {
  return { "application/json": { schema, ...(example === undefined ? {} : { example }) } };
}

function referenceTo({ $ref }: { readonly $ref: string }): JsonSchema {
  return { $ref: schemaReference($ref) };
}
