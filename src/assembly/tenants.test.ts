import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { defineMethod } from "../core/method/method.ts";
import { startTestServer } from "../testing/test-server.ts";
import { openOperations } from "./open.ts";

test("an operation in a tenant's collection belongs to that tenant, which handlers see", async () => {
  const seen: (string | null | undefined)[] = [];
  const work = defineMethod({
    name: "work",
    request: z.object({}),
    run: (_, { caller }) => void seen.push(caller?.tenant),
  });
  await using server = await startTestServer([work], { access: { tenants: ["projects/*"] } });
  for (const parent of ["projects/p/locations/l", "folders/f", ""]) {
    const { name } = await server.operations.start(work, {}, { parent });
    await server.operations.wait(name);
  }
  const answer = await fetch(`${server.url}/v1/projects/q:work`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: "{}",
  });
  const { name } = (await answer.json()) as { readonly name: string };
  await server.operations.wait(name);
  const started = await fetch(`${server.url}/admin/v1/operations:start`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ method: "work", parent: "projects/r", requestJson: "{}" }),
  });
  assert.equal(started.status, 200);
  const { name: again } = (await started.json()) as { readonly name: string };
  await server.operations.wait(again);
  assert.deepEqual(seen, ["projects/p", null, null, "projects/q", "projects/r"]);
});

test("an invalid pattern of tenants is reported", async () => {
  const options = { methods: [], store: "sqlite::memory:", access: { tenants: ["projects/-"] } };
  await assert.rejects(openOperations(options), {
    name: "TypeError",
    message: /^access\.tenants: expected segments such as projects\/\*/,
  });
});
