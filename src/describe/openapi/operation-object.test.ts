import assert from "node:assert/strict";
import { test } from "node:test";
import { operationObject } from "./operation-object.ts";

const METHOD = {
  id: "archive.operations.get",
  description: "Gets.",
  httpMethod: "GET",
  path: "v1/{+name}",
  flatPath: "v1/{+name}",
  parameters: { name: { type: "string", location: "path", required: true } },
  parameterOrder: ["name"],
  response: { $ref: "Operation" },
} as const;

test("operationObject() has a body only if the method has one, and says whether it is optional", () => {
  const without = operationObject(METHOD, { tag: "a", errors: [] });
  assert.ok(!("requestBody" in without));
  const request = { $ref: "CancelOperationRequest" };
  const withBody = operationObject({ ...METHOD, request }, { tag: "a", errors: [], bodyIsOptional: true });
  assert.deepEqual((withBody as { requestBody?: unknown }).requestBody, {
    required: false,
    content: { "application/json": { schema: { $ref: "#/components/schemas/CancelOperationRequest" } } },
  });
});

test("operationObject() describes the ETag of an answer, and 304", () => {
  const tagged = operationObject(METHOD, { tag: "a", errors: [], tagged: true }) as {
    readonly parameters: readonly { readonly name: string }[];
    readonly responses: Readonly<Record<string, { readonly headers?: object }>>;
  };
  assert.deepEqual(
    tagged.parameters.map(({ name }) => name),
    ["name", "If-None-Match"],
  );
  assert.deepEqual(Object.keys(tagged.responses), ["200", "304", "default"]);
  assert.ok(tagged.responses["200"]?.headers !== undefined && "ETag" in tagged.responses["200"].headers);
});

test("operationObject() describes Prefer and 202 if an operation is started", () => {
  const starts = operationObject(
    { ...METHOD, httpMethod: "POST" },
    { tag: "a", errors: [], starts: true },
  ) as {
    readonly parameters: readonly { readonly name: string }[];
    readonly responses: Readonly<Record<string, { readonly headers?: object; readonly content: unknown }>>;
  };
  assert.deepEqual(
    starts.parameters.map(({ name }) => name),
    ["name", "Prefer"],
  );
  assert.deepEqual(Object.keys(starts.responses), ["200", "202", "default"]);
  assert.deepEqual(Object.keys(starts.responses["202"]?.headers ?? {}), ["Location", "Retry-After"]);
  assert.deepEqual(starts.responses["202"]?.content, starts.responses["200"]?.content);
});

function schema(id: string): object {
  return { schema: { $ref: `#/components/schemas/${id}` } };
}

test("operationObject() gives every body its message's schema, in both formats, so that an answer has a type", () => {
  const { responses } = operationObject(METHOD, { tag: "a", errors: [] }) as {
    readonly responses: Readonly<Record<string, { readonly content: unknown }>>;
  };
  assert.deepEqual(responses["200"]?.content, {
    "application/json": schema("Operation"),
    "application/x-protobuf": schema("Operation"),
  });
  const content = responses["default"]?.content as Readonly<Record<string, object>>;
  assert.deepEqual(content["application/x-protobuf"], schema("Status"));
});

test("operationObject() has its first sentence, or its id, as the summary", () => {
  const summaryOf = (description: string): unknown =>
    (operationObject({ ...METHOD, description }, { tag: "a", errors: [] }) as { summary: unknown }).summary;
  assert.equal(summaryOf("Gets it. See v1.2 of it."), "Gets it.");
  assert.equal(summaryOf("Gets v1.2 of it\nand more."), "Gets v1.2 of it");
  assert.equal(summaryOf(""), METHOD.id);
});
