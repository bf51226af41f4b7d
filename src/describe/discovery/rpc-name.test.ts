import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { parseTemplate } from "../../protos/http-rule/template.ts";
import type { Binding } from "../../protos/http-rule/binding.ts";
import { camelCase, placeOf } from "./rpc-name.ts";

suite("placeOf()", () => {
  const cases: readonly (readonly [rpc: string, call: string, place: string])[] = [
    ["GetInstance", "GET /v1/{name=projects/*/instances/*}", "projects.instances.get"],
    ["ListInstances", "GET /v1/{parent=projects/*}/instances", "projects.instances.list"],
    ["CreateInstance", "POST /v1/{parent=projects/*}/instances", "projects.instances.create"],
    ["UpdateInstance", "PATCH /v1/{instance.name=projects/*/instances/*}", "projects.instances.patch"],
    ["UpdateInstance", "PUT /v1/{instance.name=projects/*/instances/*}", "projects.instances.update"],
    ["DeleteInstance", "DELETE /v1/{name=projects/*/instances/*}", "projects.instances.delete"],
    ["ExportInstance", "POST /v1/{name=projects/*/instances/*}:export", "projects.instances.export"],
    [
      "GetInstanceAuthString",
      "GET /v1/{name=projects/*/instances/*}/authString",
      "projects.instances.getAuthString",
    ],
    ["SearchBooks", "GET /v1/books", "books.searchBooks"],
    ["GetConfig", "GET /v1/config", "config.get"],
    ["GetFile", "GET /v1/{name=**}", "getFile"],
    ["Compute", "POST /v1:compute", "compute"],
    ["GetThing", "GET /things/{id}", "things.get"],
    ["Getaway", "GET /v1/cars/{id}", "cars.getaway"],
    ["RunJob", "POST /v1/{name=cron-jobs/*}:run-now", "cronJobs.runNow"],
  ];
  for (const [name, call, place] of cases) {
    test(`${name} at ${call} is ${place}`, () => {
      const [httpMethod = "", text = ""] = call.split(" ");
      const binding = { rpc: { name }, httpMethod, template: parseTemplate(text) } as Binding;
      const found = placeOf(binding);
      assert.equal([...found.resource, found.name].join("."), place);
    });
  }
});

test("camelCase() makes identifiers from other texts", () => {
  assert.deepEqual(["a", "aB", "a-b.c", "a_b", "-"].map(camelCase), ["a", "aB", "aBC", "a_b", "x"]);
});
