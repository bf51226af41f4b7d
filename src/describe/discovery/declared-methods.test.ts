import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { defineMethod } from "../../core/method/method.ts";
import { parentMethod, rootMethod } from "./declared-methods.ts";

const API = { name: "archive", version: "v1" };
const IDS = { request: "PackRequest", response: "Empty", metadata: "PackMetadata" };
const pack = defineMethod({ name: "pack", description: "Packs.", request: z.object({}), run() {} });

test("rootMethod() is below the version, with the parameters of every start in the query", () => {
  const described = rootMethod(API, pack, IDS);
  assert.equal(described.id, "archive.pack");
  assert.equal(described.path, "v1:pack");
  assert.equal(described.httpMethod, "POST");
  assert.deepEqual(Object.keys(described.parameters), [
    "callbackUrl",
    "delay",
    "priority",
    "requestId",
    "timeToLive",
    "validateOnly",
  ]);
  assert.deepEqual(described.request, { $ref: "PackRequest" });
  assert.deepEqual(described.response, { $ref: "Operation" });
  assert.equal(
    described.description,
    "Packs. Returns an Operation with response Empty and metadata PackMetadata.",
  );
});

test("parentMethod() accepts any parent, including slashes (contract 1.7)", () => {
  const described = parentMethod(API, pack, IDS);
  assert.equal(described.id, "archive.parents.pack");
  assert.equal(described.path, "v1/{+parent}:pack");
  assert.deepEqual(described.parameterOrder, ["parent"]);
  const pattern = new RegExp(described.parameters["parent"]?.pattern ?? "^$");
  for (const parent of ["projects/p", "projects/p/locations/l", "customers"]) assert.match(parent, pattern);
  for (const parent of ["", "/p", "p/", "p//q"]) assert.doesNotMatch(parent, pattern);
});
