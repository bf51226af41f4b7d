import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { Validator } from "@seriousme/openapi-schema-validator";
import { type } from "arktype";
import { z } from "zod";
import { defineMethod } from "../../core/method/method.ts";
import { descriptorsOf, REDIS_PROTOS, serviceOf } from "../../../test/support/descriptors.ts";
import { libraryService, unaryMethods } from "../../../test/support/library-protos.ts";
import { RpcDescriptions } from "../discovery/rpc-descriptions.ts";
import { bindingsOf } from "../../protos/http-rule/binding.ts";
import { typesOfFiles } from "../../protos/method/imported-types.ts";
import { openApiDocument } from "./document.ts";
import { through } from "../../wire/steps.suite.ts";

const API = {
  name: "archive-service",
  version: "v1",
  title: "Archives",
  revision: "20260101",
  rootUrl: "http://127.0.0.1:8080/",
};

interface Entry {
  readonly name: string;
  readonly children?: readonly Entry[] | undefined;
}
const entry: z.ZodType<Entry> = z
  .object({
    name: z.string(),
    get children() {
      return z.array(entry).optional();
    },
  })
  .meta({ id: "Entry" });

const pack = defineMethod({
  name: "pack",
  description: "Packs a directory.",
  request: z.object({ directory: z.string().min(1), root: entry, level: z.int().min(0).max(9).default(6) }),
  response: z.object({ path: z.string(), sizeBytes: z.number(), madeAt: z.iso.datetime() }),
  metadata: z.object({ progressPercent: z.number() }),
  run: () => ({ path: "", sizeBytes: 0, madeAt: "" }),
});
const sweep = defineMethod({ name: "sweep", request: type({ "older?": "string" }), run() {} });
/** The schema of its request would have the same name as one of Google's messages. */
const cancelOperation = defineMethod({
  name: "cancelOperation",
  request: z.object({ at: z.date() }),
  run() {},
});

interface Document {
  readonly openapi: string;
  readonly servers: readonly { readonly url: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, PathOperation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, unknown>>;
    readonly parameters: Readonly<Record<string, unknown>>;
  };
}

interface PathOperation {
  readonly operationId?: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, unknown>> }>>;
}

const text = through(openApiDocument(API, [pack, sweep, cancelOperation])).compact;
const document = JSON.parse(text) as Document;
const operations = Object.entries(document.paths).flatMap(([path, { parameters: _shared, ...item }]) =>
  Object.entries(item).map(([verb, operation]) => ({ path, verb, operation })),
);

function names(operationId: string): string[] {
  const found = operations.find(({ operation }) => operation.operationId === operationId);
  return (found?.operation.parameters ?? []).map(({ name }) => name);
}

/** The parameters in a path. */
function inTemplate(path: string): (string | undefined)[] {
  return [...path.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name);
}

/** The path parameters that an operation declares. */
function declaredIn({ parameters = [] }: PathOperation): string[] {
  return parameters.filter((each) => each.in === "path").map(({ name }) => name);
}

suite("openApiDocument()", () => {
  test("is an OpenAPI 3.1 document that a public validator accepts, and all its references resolve", async () => {
    const validator = new Validator();
    const { valid, errors } = await validator.validate(JSON.parse(text) as Record<string, unknown>);
    assert.ok(valid, JSON.stringify(errors));
    assert.equal(validator.version, "3.1");
    assert.doesNotThrow(() => validator.resolveRefs());
  });

  test("refers to nothing that is missing", () => {
    const references = [...text.matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path]) => path ?? "");
    assert.ok(references.length > 20);
    for (const path of references) {
      const found = path
        .split("/")
        .reduce<unknown>((node, key) => (node as Record<string, unknown> | undefined)?.[key], document);
      assert.ok(found !== undefined, path);
    }
    assert.doesNotMatch(text, /"\$ref":"(?!#\/)/);
  });

  test("the validator refuses an invalid document, so that its acceptance is meaningful", async () => {
    const wrong = { ...document, paths: { "/v1/operations": { get: { responses: { 200: {} } } } } };
    const { valid } = await new Validator().validate(wrong);
    assert.ok(!valid);
  });

  test("uses the server address of the request, and has all declared methods and all methods of operations", () => {
    assert.deepEqual(document.servers, [{ url: "http://127.0.0.1:8080" }]);
    assert.deepEqual(
      operations.map(({ path, verb }) => `${verb} ${path}`),
      [
        "post /v1:pack",
        "post /v1:sweep",
        "post /v1:cancelOperation",
        "post /v1:startOperations",
        "get /v1/operations",
        "get /v1/operations/{operation}",
        "delete /v1/operations/{operation}",
        "post /v1/operations/{operation}:cancel",
        "post /v1/operations/{operation}:wait",
        "get /v1/operations/{operation}:watch",
        "get /v1/operations:watch",
        "get /v1/{parent}/operations",
      ],
    );
    assert.equal(new Set(operations.map(({ operation }) => operation.operationId)).size, operations.length);
  });

  test("declares exactly the parameters in the path", () => {
    for (const { path, operation } of operations)
      assert.deepEqual(declaredIn(operation), inTemplate(path), path);
  });

  test("has every query parameter of list, and the timeout of wait", () => {
    assert.deepEqual(names("archive-service.operations.list"), [
      "name",
      "filter",
      "orderBy",
      "pageSize",
      "pageToken",
      "returnPartialSuccess",
    ]);
    assert.deepEqual(names("archive-service.operations.wait"), ["operation", "timeout"]);
    assert.deepEqual(names("archive-service.pack"), [
      "parent",
      "callbackUrl",
      "delay",
      "priority",
      "requestId",
      "timeToLive",
      "validateOnly",
      "Prefer",
    ]);
  });

  test("describes errors of every call in both formats (contract 4)", () => {
    for (const { path, operation } of operations) {
      const { content } = operation.responses["default"] ?? {};
      assert.deepEqual(
        content?.["application/json"],
        {
          schema: {
            anyOf: [{ $ref: "#/components/schemas/Error" }, { $ref: "#/components/schemas/ErrorV1" }],
          },
        },
        path,
      );
    }
  });

  test("has Google's messages and the methods' own schemas, under unique names", () => {
    const known = Object.keys(document.components.schemas);
    for (const name of ["Operation", "Status", "ListOperationsResponse", "Empty", "Error", "ErrorV1"])
      assert.ok(known.includes(name), name);
    for (const name of ["PackRequest", "PackResponse", "PackMetadata", "SweepRequest"])
      assert.ok(known.includes(name), name);
    assert.ok(known.includes("CancelOperationRequest") && known.includes("CancelOperationRequest2"));
  });

  test("keeps what the discovery dialect cannot express, and changes references to the new place", () => {
    const request = document.components.schemas["PackRequest"] as {
      readonly properties: Readonly<Record<string, object>>;
    };
    assert.deepEqual(request.properties["directory"], { type: "string", minLength: 1 });
    assert.match(JSON.stringify(request), /"#\/components\/schemas\/PackRequest\/\$defs\/Entry"/);
    assert.deepEqual(document.components.schemas["CancelOperationRequest2"], { type: "object" });
  });
});

suite("openApiDocument() with RPCs", () => {
  const services = [
    serviceOf(descriptorsOf(REDIS_PROTOS), "google.cloud.redis.v1.CloudRedis"),
    libraryService(),
  ];
  const rpcs = new RpcDescriptions(
    services.flatMap(unaryMethods).flatMap(bindingsOf),
    typesOfFiles(services.map(({ file }) => file)),
  );
  const withRpcs = through(openApiDocument(API, [pack], rpcs)).compact;
  const described = JSON.parse(withRpcs) as Document & {
    readonly tags: readonly { readonly name: string }[];
  };

  test("is a document that a public validator accepts, and all its references resolve", async () => {
    const validator = new Validator();
    const { valid, errors } = await validator.validate(JSON.parse(withRpcs) as Record<string, unknown>);
    assert.ok(valid, JSON.stringify(errors));
    assert.doesNotThrow(() => validator.resolveRefs());
    for (const [, id = ""] of withRpcs.matchAll(/"\$ref":"#\/components\/schemas\/([^"/]+)/g))
      assert.ok(id in described.components.schemas, id);
  });

  test("has a path for each binding, with the variable parts as parameters", () => {
    const paths = Object.keys(described.paths);
    assert.ok(
      paths.includes("/v1/projects/{projectsId}/locations/{locationsId}/instances/{instancesId}:export"),
    );
    assert.ok(paths.includes("/v1/isbn/{isbn}"));
    for (const [path, { parameters: _shared, ...item }] of Object.entries(described.paths)) {
      for (const operation of Object.values(item))
        assert.deepEqual(declaredIn(operation), inTemplate(path), path);
    }
  });

  test("has a tag for each service, and unique ids", () => {
    const tags = described.tags.map(({ name }) => name);
    assert.deepEqual(tags, ["methods", "operations", "CloudRedis", "Library"]);
    const ids = Object.values(described.paths).flatMap(({ parameters: _shared, ...item }) =>
      Object.values(item).map(({ operationId }) => operationId),
    );
    assert.equal(new Set(ids).size, ids.length);
  });
});
