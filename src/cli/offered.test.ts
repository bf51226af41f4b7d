import assert from "node:assert/strict";
import { test } from "node:test";
import { offeredMethods } from "./offered.ts";

const json = (schema: object) => ({ content: { "application/json": { schema } } });

test("offeredMethods() finds each method once, with a request that its schema takes", () => {
  const schema = { $ref: "#/components/schemas/EchoRequest" };
  const echo = {
    operationId: "longrunning.echo",
    summary: "Echoes.",
    tags: ["methods"],
    requestBody: json(schema),
  };
  const document = {
    components: {
      schemas: {
        EchoRequest: { type: "object", required: ["text"], properties: { text: { type: "string" } } },
      },
    },
    paths: {
      "/v1:echo": { post: echo },
      "/v1/{parent}:echo": { post: echo },
      "/v1:startOperations": { post: { ...echo, operationId: "longrunning.startOperations" } },
      "/v1/operations": { get: { operationId: "longrunning.operations.list", tags: ["operations"] } },
      "/v1/projects/{projectsId}/books": {
        post: { operationId: "library.createBook", description: "Makes a book.", tags: ["Library"] },
      },
    },
  };
  assert.deepEqual(offeredMethods(document), [
    { name: "echo", summary: "Echoes.", verb: "POST", path: "/v1:echo", example: { text: "text" } },
    {
      name: "library.createBook",
      summary: "Makes a book.",
      verb: "POST",
      path: "/v1/projects/{projectsId}/books",
      example: undefined,
    },
  ]);
});

test("offeredMethods() finds nothing in what is no such document", () => {
  for (const odd of [null, 1, "x", [], {}, { paths: null }, { paths: { "/v1:a": { post: { tags: 1 } } } }])
    assert.deepEqual(offeredMethods(odd), []);
});
