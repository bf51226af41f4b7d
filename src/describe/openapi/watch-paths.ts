import { HTTP_NO_CONTENT, HTTP_OK } from "../../wire/code.ts";
import type { ApiDescription } from "../discovery/description.ts";
import { type DescribedCode, errorResponses } from "./errors.ts";
import type { JsonSchema } from "./schema.ts";

const TAGS = ["operations"];
const EVENTS =
  "Server-sent events, as docs/watching.md of the server describes them; with `alt=json` a JSON array.";
const ERRORS: readonly DescribedCode[] = ["INVALID_ARGUMENT", "NOT_FOUND", "RESOURCE_EXHAUSTED"];

/**
 * The watches of an operation and of a collection. Discovery documents omit them: they cannot
 * describe a stream, and clients generated from them would wait for its end.
 */
export function watchPaths({ name, version }: ApiDescription): Record<string, object> {
  const collection = `/${version}/operations`;
  return {
    [`${collection}/{operation}:watch`]: {
      get: {
        operationId: `${name}.operations.watch`,
        summary: "Tells of an operation as it changes, until it is done.",
        tags: TAGS,
        description: `Tells how an operation is, then each time that it has changed, until it is done. ${EVENTS}`,
        parameters: [OPERATION, LAST_EVENT_ID],
        responses: {
          ...streamed(),
          [HTTP_NO_CONTENT]: { description: "The caller has seen the end." },
          ...errorResponses(ERRORS),
        },
      },
    },
    [`${collection}:watch`]: {
      get: {
        operationId: `${name}.operations.watchMany`,
        summary: "Tells of the operations of a collection as they change.",
        tags: TAGS,
        description: `Tells of the newest operations of a collection, then of what changes among them. ${EVENTS}`,
        parameters: [FILTER],
        responses: { ...streamed(), ...errorResponses(ERRORS) },
      },
    },
  };
}

function streamed(): Record<string, object> {
  const content = { "text/event-stream": { schema: { type: "string" } } };
  return { [HTTP_OK]: { description: "The events, until the end of the watch.", content } };
}

const OPERATION: JsonSchema = {
  name: "operation",
  in: "path",
  description: "The id of the operation, or its whole name with the slashes percent-encoded.",
  required: true,
  schema: { type: "string", minLength: 1 },
};

const LAST_EVENT_ID: JsonSchema = {
  name: "lastEventId",
  in: "query",
  description:
    "The id of the last event that the caller has seen, if it cannot set the header `Last-Event-ID`.",
  schema: { type: "string" },
};

const FILTER: JsonSchema = {
  name: "filter",
  in: "query",
  description: "The filter that selects operations, as in a list of operations (AIP-160).",
  schema: { type: "string" },
};
