import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { z } from "zod";
import { defineMethod } from "../../core/method/method.ts";
import { discoveryDirectory, discoveryDocument } from "./document.ts";
import { through } from "../../wire/steps.suite.ts";

const API = {
  name: "archive-service",
  version: "v1",
  title: "Archives",
  revision: "20260101",
  rootUrl: "http://127.0.0.1:8080/",
};
const pack = defineMethod({ name: "pack", request: z.object({}), run() {} });

type Json = Record<string, unknown>;
const document = JSON.parse(through(discoveryDocument(API, [pack])).compact) as Json;

suite("discoveryDocument()", () => {
  test("has everything that all of Google's documents have (contract 5.1)", () => {
    const always =
      "kind discoveryVersion id name version revision title description ownerDomain ownerName icons documentationLink protocol baseUrl basePath rootUrl servicePath batchPath parameters schemas resources";
    const usual = "canonicalName fullyEncodeReservedExpansion version_module";
    for (const key of `${always} ${usual}`.split(" ")) assert.ok(key in document, key);
  });

  test("has the usual values (contract 5.1, 5.2)", () => {
    const expected = {
      kind: "discovery#restDescription",
      discoveryVersion: "v1",
      id: "archive-service:v1",
      rootUrl: "http://127.0.0.1:8080/",
      servicePath: "",
      basePath: "",
      batchPath: "batch",
      protocol: "rest",
      fullyEncodeReservedExpansion: true,
      canonicalName: "Archive Service",
      ownerDomain: "127.0.0.1",
    };
    for (const [key, value] of Object.entries(expected)) assert.equal(document[key], value, key);
  });

  test("has no auth, because Python would look for credentials (contract 5.2)", () => {
    assert.ok(!("auth" in document));
  });

  test("has declared methods at the root and under a parent", () => {
    assert.deepEqual(Object.keys(document["methods"] as Json), ["pack", "startOperations"]);
    const { parents } = document["resources"] as { parents: { methods: Json } };
    assert.deepEqual(Object.keys(parents.methods), ["pack"]);
  });

  test("refers to no missing schema", () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, id]) => id ?? "");
    const schemas = document["schemas"] as Json;
    assert.ok(references.length > 5);
    for (const id of references) assert.ok(id in schemas, id);
  });
});

test("discoveryDirectory() lists the one API, with the address of its document (contract 5.3)", () => {
  const { kind, items } = JSON.parse(discoveryDirectory(API, ["v1"])) as { kind: string; items: Json[] };
  assert.equal(kind, "discovery#directoryList");
  assert.equal(items.length, 1);
  assert.equal(items[0]?.["id"], "archive-service:v1");
  assert.equal(items[0]["discoveryRestUrl"], "http://127.0.0.1:8080/$discovery/rest?version=v1");
  assert.equal(items[0]["preferred"], true);
});

test("discoveryDirectory() lists each version, the preferred one first", () => {
  const { items } = JSON.parse(discoveryDirectory(API, ["v2", "v1"])) as { items: Json[] };
  assert.deepEqual(
    items.map(({ id, preferred }) => [id, preferred]),
    [
      ["archive-service:v2", true],
      ["archive-service:v1", false],
    ],
  );
});
