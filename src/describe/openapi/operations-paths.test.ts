import assert from "node:assert/strict";
import { test } from "node:test";
import { operationsResource } from "../discovery/operations-resource.ts";
import { operationsPaths } from "./operations-paths.ts";

test("operationsPaths() has every method of the discovery document, under its id", () => {
  const paths = operationsPaths({ name: "a", version: "v2", title: "A", revision: "20260101", rootUrl: "" });
  const ids = Object.values(paths).flatMap((item) =>
    Object.values(item as Record<string, { operationId: string }>).map(({ operationId }) => operationId),
  );
  const { methods } = operationsResource("a", "v2");
  assert.deepEqual(
    ids.toSorted(),
    Object.values(methods)
      .map(({ id }) => id)
      .toSorted(),
  );
  for (const path of Object.keys(paths)) assert.match(path, /^\/v2\/operations/);
});
