import assert from "node:assert/strict";
import { test } from "node:test";
import type { PlacedMethod } from "../discovery/rpc-describer.ts";
import { collectionPaths } from "./collection-paths.ts";

const api = { name: "a", version: "v2", title: "A", revision: "20260101", rootUrl: "" };

function placed(flatPath: string, $ref = "Operation"): PlacedMethod {
  const method = { id: "a.b", description: "", httpMethod: "POST", path: flatPath, flatPath } as const;
  return {
    resource: [],
    name: "b",
    method: { ...method, parameters: {}, parameterOrder: [], response: { $ref } },
    flatParameters: {},
    example: { request: {}, parameters: {}, body: undefined },
    startName: undefined,

    service: "S",
  };
}

interface Described {
  readonly operationId: string;
  readonly parameters: readonly { readonly name: string; readonly in: string }[];
}

test("collectionPaths() has the five methods in each collection of operations, once", () => {
  const paths = collectionPaths(api, [
    placed("v1/projects/{projectsId}/locations/{locationsId}/instances"),
    placed("v1/projects/{projectsId}/locations/{locationsId}/instances/{instancesId}:export"),
    placed("v1/projects/{projectId}/regions/{region}/clusters/{clusterName}"),
    placed("v1beta1/projects/{projectsId}/global/networks"),
    placed("v1/folders/{foldersId}:move"),
    placed("v1/folders/{id}/books"),
    placed("v1/organizations/{organizationsId}/books", "Book"),
    placed("v1/videos:annotate"),
  ]) as Record<string, Record<string, Described>>;
  const collections = [
    "/v1/folders/{foldersId}",
    "/v1/projects/{projectId}/regions/{region}",
    "/v1/projects/{projectsId}/locations/{locationsId}",
    "/v1beta1/projects/{projectsId}/global",
  ];
  assert.deepEqual(Object.keys(paths), [
    "/v2/{parent}/operations",
    ...collections.flatMap((collection) =>
      ["", "/{operationsId}", "/{operationsId}:cancel", "/{operationsId}:wait"].map(
        (rest) => `${collection}/operations${rest}`,
      ),
    ),
  ]);
  const ids = Object.values(paths).flatMap((item) => Object.values(item).map((each) => each.operationId));
  assert.equal(new Set(ids).size, ids.length);
  assert.ok(ids.includes("a.projects.regions.operations.get"));
  const list = paths["/v1/folders/{foldersId}/operations"]?.["get"];
  assert.deepEqual(
    list?.parameters.map((parameter) => `${parameter.in} ${parameter.name}`),
    [
      "path foldersId",
      "query filter",
      "query orderBy",
      "query pageSize",
      "query pageToken",
      "query returnPartialSuccess",
    ],
  );
});
