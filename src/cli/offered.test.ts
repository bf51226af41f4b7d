import assert from "node:assert/strict";
import { test } from "node:test";
import { offeredMethods } from "./offered.ts";

const json = (schema: object) => ({ content: { "application/json": { schema } } });

test("offeredMethods() finds each method once, with a request that its schema accepts", () => {
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
        post: {
          operationId: "library.books.create",
          description: "Makes a book.",
          tags: ["Library"],
          parameters: [
            { name: "projectsId", in: "path", example: "a/b" },
            { name: "bookId", in: "query", example: "a&b" },
            { name: "tags", in: "query", example: ["a", "b"] },
            { name: "pages", in: "query" },
          ],
          requestBody: { content: { "application/json": { schema, example: { title: "A" } } } },
          "x-longrunning-start": { method: "createBook", request: { bookId: "a&b" } },
        },
        get: { operationId: "library.books.list", summary: "Lists.", tags: ["Library"] },
      },
    },
  };
  assert.deepEqual(offeredMethods(document), [
    {
      name: "echo",
      summary: "Echoes.",
      verb: "POST",
      path: "/v1:echo",
      example: { text: "text" },
      examplePath: "/v1:echo",
      start: { text: "text" },
    },
    {
      name: "library.books.list",
      summary: "Lists.",
      verb: "GET",
      path: "/v1/projects/{projectsId}/books",
      example: undefined,
      examplePath: "/v1/projects/{projectsId}/books",
      start: undefined,
    },
    {
      name: "createBook",
      summary: "Makes a book.",
      verb: "POST",
      path: "/v1/projects/{projectsId}/books",
      example: { title: "A" },
      examplePath: "/v1/projects/a%2Fb/books?bookId=a%26b&tags=a&tags=b",
      start: { bookId: "a&b" },
    },
  ]);
});

test("offeredMethods() finds nothing in other documents", () => {
  for (const odd of [null, 1, "x", [], {}, { paths: null }, { paths: { "/v1:a": { post: { tags: 1 } } } }])
    assert.deepEqual(offeredMethods(odd), []);
});
