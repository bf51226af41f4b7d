import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { createConfig, lintFromString } from "@redocly/openapi-core";
import createClient from "openapi-fetch";
import { createArchive } from "../../examples/archive/archive.ts";
import { startTestServer } from "../../src/testing/index.ts";
import { CLOUD_PROTOS } from "./cloud-client.ts";
import { ProtoService } from "./proto-service.ts";
import { tell } from "./report/facts.ts";
import { npmVersion } from "./program.ts";

const CLIENT = { client: "openapi-fetch", version: npmVersion("openapi-fetch"), transport: "REST" };

/** The errors that `redocly lint` finds with its recommended rules. */
async function errorsIn(url: string): Promise<readonly string[]> {
  const source = await (await fetch(`${url}/openapi.json`)).text();
  const config = await createConfig({ extends: ["recommended"] });
  const problems = await lintFromString({ source, absoluteRef: "/openapi.json", config });
  return problems
    .filter(({ severity }) => severity === "error")
    .map(({ ruleId, message, location }) => `${ruleId} at ${location[0]?.pointer ?? ""}: ${message}`);
}

interface Operation {
  readonly name: string;
  readonly done?: boolean;
}

/** The parts of a call in openapi-typescript's types that these tests use. */
interface Call<Path, Answer> {
  readonly parameters: { readonly path: Path; readonly query?: { readonly [name: string]: string | number } };
  readonly requestBody?: { readonly content: { readonly "application/json": object } };
  readonly responses: { readonly 200: { readonly content: { readonly "application/json": Answer } } };
}

interface Location {
  readonly projectsId: string;
  readonly locationsId: string;
}

interface Paths {
  "/v1/projects/{projectsId}/locations/{locationsId}/workflows": { post: Call<Location, Operation> };
  "/v1/projects/{projectsId}/locations/{locationsId}/operations": {
    get: Call<Location, { readonly operations: readonly Operation[] }>;
  };
  "/v1/projects/{projectsId}/locations/{locationsId}/operations/{operationsId}": {
    get: Call<Location & { readonly operationsId: string }, Operation>;
  };
  "/v1/projects/{projectsId}/locations/{locationsId}/operations/{operationsId}:wait": {
    post: Call<Location & { readonly operationsId: string }, Operation>;
  };
  "/v1/{parent}/operations": {
    get: Call<{ readonly parent: string }, { readonly operations: readonly Operation[] }>;
  };
}

describe("the OpenAPI document", () => {
  let server: ProtoService;
  before(async () => {
    server = await ProtoService.start("cloud-handlers.ts", CLOUD_PROTOS);
  });
  after(() => server[Symbol.asyncDispose]());

  it("of RPCs, and of methods declared in code, has no errors for redocly", async () => {
    await using archive = await startTestServer([createArchive]);
    assert.deepEqual(await errorsIn(server.url), []);
    assert.deepEqual(await errorsIn(archive.url), []);
  });

  it("has addresses with which openapi-fetch starts, waits, gets and lists", async () => {
    const client = createClient<Paths>({ baseUrl: server.url });
    const path = { projectsId: "p", locationsId: "l" };
    const started = await client.POST("/v1/projects/{projectsId}/locations/{locationsId}/workflows", {
      params: { path, query: { workflowId: "w" } },
      body: { sourceContents: "main" },
    });
    const name = started.data?.name ?? assert.fail(JSON.stringify(started.error));
    const operation = { ...path, operationsId: name.split("/").at(-1) ?? "" };
    const waited = await client.POST(
      "/v1/projects/{projectsId}/locations/{locationsId}/operations/{operationsId}:wait",
      { params: { path: operation } },
    );
    assert.equal(waited.data?.done, true);
    const got = await client.GET(
      "/v1/projects/{projectsId}/locations/{locationsId}/operations/{operationsId}",
      { params: { path: operation } },
    );
    assert.deepEqual(got.data, waited.data);
    const listed = await client.GET("/v1/projects/{projectsId}/locations/{locationsId}/operations", {
      params: { path },
    });
    const byParent = await client.GET("/v1/{parent}/operations", {
      params: { path: { parent: "projects/p/locations/l" } },
    });
    assert.deepEqual(listed.data?.operations, [got.data]);
    assert.deepEqual(byParent.data, listed.data);
    tell({ ...CLIENT, calls: ["start", "wait", "get", "list"] });
  });
});
