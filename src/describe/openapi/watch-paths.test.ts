import assert from "node:assert/strict";
import { test } from "node:test";
import { operationsResource } from "../discovery/operations-resource.ts";
import { watchPaths } from "./watch-paths.ts";

test("watches are paths of OpenAPI, with events as their answers, and not methods of discovery", () => {
  const paths = watchPaths({ name: "archive", version: "v1" } as Parameters<typeof watchPaths>[0]);
  assert.deepEqual(Object.keys(paths), ["/v1/operations/{operation}:watch", "/v1/operations:watch"]);
  for (const item of Object.values(paths)) {
    const { get } = item as { get: { responses: Record<string, { content?: object }> } };
    assert.deepEqual(Object.keys(get.responses["200"]?.content ?? {}), ["text/event-stream"]);
    assert.ok("429" in get.responses);
  }
  assert.equal("watch" in operationsResource("archive", "v1").methods, false);
});
