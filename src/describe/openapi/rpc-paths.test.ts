import assert from "node:assert/strict";
import { test } from "node:test";
import type { PlacedMethod } from "../discovery/rpc-describer.ts";
import { rpcPaths, rpcTags } from "./rpc-paths.ts";

function placed(httpMethod: "GET" | "PATCH"): PlacedMethod {
  return {
    resource: ["shelves"],
    name: "get",
    service: "Library",

    example: { request: {}, parameters: {}, body: undefined },
    startName: undefined,
    flatParameters: {
      shelvesId: { type: "string", description: "A part.", location: "path", required: true },
    },
    method: {
      id: `lib.shelves.${httpMethod}`,
      description: "Does it.",
      httpMethod,
      path: "v1/{+name}",
      flatPath: "v1/shelves/{shelvesId}",
      parameters: {
        name: { type: "string", description: "The name.", location: "path", required: true },
        tags: { type: "string", description: "Tags.", location: "query", repeated: true },
      },
      parameterOrder: ["name"],
      response: { $ref: "Empty" },
    },
  };
}

test("rpcPaths() has one path for all HTTP methods of an address, with flat parameters and those of the query", () => {
  const paths = rpcPaths([placed("GET"), placed("PATCH")]) as Record<
    string,
    Record<string, { parameters: object[] }>
  >;
  assert.deepEqual(Object.keys(paths), ["/v1/shelves/{shelvesId}"]);
  const item = paths["/v1/shelves/{shelvesId}"];
  assert.deepEqual(Object.keys(item ?? {}), ["get", "patch"]);
  assert.deepEqual(item?.["get"]?.parameters, [
    { name: "shelvesId", in: "path", description: "A part.", required: true, schema: { type: "string" } },
    { name: "tags", in: "query", description: "Tags.", schema: { type: "array", items: { type: "string" } } },
  ]);
});

test("rpcPaths() describes Prefer if an operation is started, and only then", () => {
  const { method, ...others } = placed("PATCH");
  const starting = { ...others, method: { ...method, response: { $ref: "Operation" } } };
  for (const [each, statuses] of [
    [placed("PATCH"), ["200", "400", "default"]],
    [starting, ["200", "202", "400", "default"]],
  ] as const) {
    const [item] = Object.values(rpcPaths([each])) as Record<string, { responses: object }>[];
    assert.deepEqual(Object.keys(item?.["patch"]?.responses ?? {}), statuses);
  }
});

test("rpcTags() names each service once", () => {
  assert.deepEqual(rpcTags([placed("GET"), placed("PATCH")]), [{ name: "Library" }]);
});
