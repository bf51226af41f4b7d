import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { z } from "zod";
import { defineMethod } from "../../core/method/method.ts";
import { descriptorsOf, REDIS_PROTOS, serviceOf } from "../../../test/support/descriptors.ts";
import { libraryService, unaryMethods } from "../../../test/support/library-protos.ts";
import { bindingsOf } from "../../protos/http-rule/binding.ts";
import { typesOfFiles } from "../../protos/method/imported-types.ts";
import type {
  MethodDescription,
  ParameterDescription,
  ResourceDescription,
  ValueDescription,
} from "./description.ts";
import { discoveryDocument } from "./document.ts";
import { RpcDescriptions } from "./rpc-descriptions.ts";
import { through } from "../../wire/steps.suite.ts";
/** Compares a whole document with the rules of contract section 5.1, one test for each rule. */

const API = {
  name: "archive-service",
  version: "v1",
  title: "Archives",
  revision: "20260101",
  rootUrl: "http://127.0.0.1:8080/",
};

const METHODS = [
  defineMethod({
    name: "pack",
    description: "Packs a directory.",
    request: z.object({
      directory: z.string().regex(/^[a-z]+$/),
      level: z.int().min(0).max(9).default(6),
      kind: z.enum(["zip", "tar"]),
      tree: z.array(z.object({ name: z.string().nullable(), more: z.record(z.string(), z.int()) })),
    }),
    response: z.object({ path: z.string() }),
    metadata: z.object({ progressPercent: z.number() }),
    run: () => ({ path: "" }),
  }),
  defineMethod({ name: "operation", request: z.object({}), run() {} }),
];

interface Document extends Readonly<Record<string, unknown>> {
  readonly parameters: Readonly<Record<string, ParameterDescription>>;
  readonly schemas: Readonly<Record<string, ValueDescription>>;
  readonly methods: Readonly<Record<string, MethodDescription>>;
  readonly resources: Readonly<Record<string, ResourceDescription>>;
}

/** Two services with RPCs: one of Google's, and one with each kind of rule. */
const SERVICES = [
  serviceOf(descriptorsOf(REDIS_PROTOS), "google.cloud.redis.v1.CloudRedis"),
  libraryService(),
];
const RPCS = new RpcDescriptions(
  SERVICES.flatMap(unaryMethods).flatMap(bindingsOf),
  typesOfFiles(SERVICES.map(({ file }) => file)),
);

const document = JSON.parse(through(discoveryDocument(API, METHODS, RPCS)).compact) as Document;

/** Every method with its required id: `api.resource.resource.method`. */
const methods = withIds(API.name, document);

function withIds(
  id: string,
  { methods: own, resources = {} }: ResourceDescription,
): { readonly id: string; readonly method: MethodDescription }[] {
  return [
    ...Object.entries(own).map(([name, method]) => ({ id: `${id}.${name}`, method })),
    ...Object.entries(resources).flatMap(([name, resource]) => withIds(`${id}.${name}`, resource)),
  ];
}

const parameters = [
  ...Object.entries(document.parameters),
  ...methods.flatMap(({ method }) => Object.entries(method.parameters)),
];

/** Every description of a value at any depth. */
const values: readonly ValueDescription[] = [
  ...Object.values(document.schemas),
  ...parameters.map(([, parameter]) => parameter),
].flatMap(withParts);

function withParts(value: ValueDescription): readonly ValueDescription[] {
  const parts = [value.items, value.additionalProperties, ...Object.values(value.properties ?? {})];
  return [value, ...parts.flatMap((part) => (part === undefined ? [] : withParts(part)))];
}

/** Names in a URI template, such as `v1/{+name}:cancel`, and whether values may have slashes. */
function templateNames(template: string): readonly { readonly name: string; readonly reserved: boolean }[] {
  return [...template.matchAll(/\{(\+?)([^}]+)\}/g)].map(([, plus, name]) => {
    return { name: name ?? "", reserved: plus === "+" };
  });
}

function verb(path: string): string {
  return /:[a-zA-Z]+$/.exec(path)?.[0] ?? "";
}

suite("the discovery document (contract 5.1):", () => {
  test("keys that all 604 documents have are present", () => {
    const texts =
      "kind discoveryVersion id name version revision title description ownerDomain ownerName documentationLink protocol baseUrl basePath rootUrl servicePath batchPath";
    for (const key of texts.split(" ")) assert.equal(typeof document[key], "string", key);
    for (const key of ["icons", "parameters", "schemas", "resources"])
      assert.equal(typeof document[key], "object", key);
    assert.deepEqual(Object.keys(document["icons"] as object).toSorted(), ["x16", "x32"]);
  });

  test("kind, versions, id, revision and addresses have the form that they have in all of them", () => {
    assert.equal(document["kind"], "discovery#restDescription");
    assert.equal(document["discoveryVersion"], "v1");
    assert.equal(document["id"], "archive-service:v1");
    assert.match(String(document["revision"]), /^\d{8}$/);
    assert.equal(document["protocol"], "rest");
    assert.equal(document["baseUrl"], `${String(document["rootUrl"])}${String(document["servicePath"])}`);
    assert.match(String(document["rootUrl"]), /^https?:\/\/.+\/$/);
    assert.equal(document["batchPath"], "batch");
  });

  test("the global parameters are Google's, `$.xgafv` word for word", () => {
    const names =
      "$.xgafv access_token alt callback fields key oauth_token prettyPrint quotaUser uploadType upload_protocol";
    assert.deepEqual(Object.keys(document.parameters).toSorted(), names.split(" ").toSorted());
    assert.deepEqual(document.parameters["$.xgafv"], {
      description: "V1 error format.",
      enum: ["1", "2"],
      enumDescriptions: ["v1 error format", "v2 error format"],
      location: "query",
      type: "string",
    });
    assert.deepEqual(document.parameters["alt"]?.enum, ["json", "media", "proto"]);
    assert.equal(document.parameters["alt"].default, "json");
    assert.equal(document.parameters["prettyPrint"]?.default, "true");
  });

  test("parameters have the keys and values of parameter objects", () => {
    const known =
      "type format location required pattern enum enumDescriptions default repeated minimum maximum description deprecated";
    for (const [name, parameter] of parameters) {
      for (const key of Object.keys(parameter)) assert.ok(known.split(" ").includes(key), `${name}.${key}`);
      assert.ok(["path", "query"].includes(parameter.location), name);
      assert.ok(["string", "integer", "number", "boolean"].includes(parameter.type ?? ""), name);
      assert.ok(parameter.description !== undefined && parameter.description !== "", name);
      assert.equal(parameter.required, parameter.location === "path" ? true : undefined, name);
    }
  });

  test("patterns of parameters are anchored and are regular expressions", () => {
    const patterns = parameters.flatMap(([, { pattern }]) => (pattern === undefined ? [] : [pattern]));
    assert.ok(patterns.length > 4);
    for (const pattern of patterns) {
      assert.match(pattern, /^\^.*\$$/);
      assert.doesNotThrow(() => new RegExp(pattern), pattern);
    }
  });

  test("patterns of operations match names with and without a parent", () => {
    const { get } = document.resources["operations"]?.methods ?? {};
    const pattern = new RegExp(get?.parameters["name"]?.pattern ?? "never");
    for (const name of ["operations/a", "projects/p/operations/a", "projects/p/locations/l/operations/a/b=="])
      assert.match(name, pattern);
    assert.doesNotMatch("projects/p", pattern);
  });

  test("methods have the keys of method objects, and their id gives their place", () => {
    const known = "id path flatPath httpMethod parameterOrder parameters request response description";
    // With `startOperations`; without the binding of another version and the custom HTTP method.
    assert.equal(methods.length, 1 + 2 + 2 + 5 + 11 + 12);
    for (const { id, method } of methods) {
      assert.equal(method.id, id);
      for (const key of Object.keys(method)) assert.ok(known.split(" ").includes(key), `${id}.${key}`);
      assert.ok(["GET", "POST", "PUT", "PATCH", "DELETE"].includes(method.httpMethod), id);
      const hasBody = ["POST", "PUT", "PATCH"].includes(method.httpMethod);
      assert.ok(hasBody || method.request === undefined, id);
      assert.notEqual(method.description, "", id);
    }
    assert.equal(new Set(methods.map(({ id }) => id)).size, methods.length);
  });

  test("parameterOrder has exactly the path's parameters, in the order of the path", () => {
    for (const { id, method } of methods) {
      const inPath = templateNames(method.path);
      assert.deepEqual(
        method.parameterOrder,
        inPath.map(({ name }) => name),
        id,
      );
      const declared = Object.entries(method.parameters).filter(([, { location }]) => location === "path");
      assert.deepEqual(
        declared.map(([name]) => name),
        method.parameterOrder,
        id,
      );
      // {+name} may contain slashes; {name} is one segment in both paths (contract section 3.1).
      for (const { name, reserved } of inPath)
        assert.ok(reserved || method.flatPath.includes(`{${name}}`), `${id}: ${name}`);
    }
  });

  test("paths begin with the version, and flat paths end in the same verb", () => {
    for (const { id, method } of methods) {
      assert.match(method.path, /^v1[:/]/, id);
      assert.match(method.flatPath, /^v1[:/]/, id);
      assert.equal(verb(method.flatPath), verb(method.path), id);
    }
  });

  test("the LRO methods have the usual shape in Google's documents", () => {
    const { get, list, cancel, delete: remove, wait } = document.resources["operations"]?.methods ?? {};
    assert.deepEqual([get?.httpMethod, get?.path, get?.response.$ref], ["GET", "v1/{+name}", "Operation"]);
    assert.deepEqual([list?.httpMethod, list?.path], ["GET", "v1/{+name}/operations"]);
    const ofList = ["name", "filter", "orderBy", "pageSize", "pageToken", "returnPartialSuccess"];
    assert.deepEqual(Object.keys(list?.parameters ?? {}), ofList);
    assert.deepEqual([cancel?.httpMethod, cancel?.path], ["POST", "v1/{+name}:cancel"]);
    assert.deepEqual([cancel?.request?.$ref, cancel?.response.$ref], ["CancelOperationRequest", "Empty"]);
    assert.deepEqual(
      [remove?.httpMethod, remove?.path, remove?.response.$ref],
      ["DELETE", "v1/{+name}", "Empty"],
    );
    assert.deepEqual([wait?.httpMethod, wait?.path, wait?.request], ["POST", "v1/{+name}:wait", undefined]);
    assert.equal(wait?.parameters["timeout"]?.format, "google-duration");
    assert.equal(wait.parameters["timeout"].location, "query");
  });

  test("list_next works: pages are requested and returned under the names that Python expects (5.2)", () => {
    assert.ok("pageToken" in (document.resources["operations"]?.methods["list"]?.parameters ?? {}));
    assert.ok("nextPageToken" in (document.schemas["ListOperationsResponse"]?.properties ?? {}));
  });

  test("Operation and Status are Google's", () => {
    const any = { type: "any", description: "Properties of the object. Contains field @type with type URL." };
    const operation = document.schemas["Operation"]?.properties ?? {};
    assert.deepEqual(Object.keys(operation), ["name", "metadata", "done", "error", "response"]);
    for (const field of ["metadata", "response"]) {
      assert.equal(operation[field]?.type, "object");
      assert.deepEqual(operation[field].additionalProperties, any);
    }
    assert.equal(operation["error"]?.$ref, "Status");
    const status = document.schemas["Status"]?.properties ?? {};
    assert.deepEqual([status["code"]?.type, status["code"]?.format], ["integer", "int32"]);
    assert.equal(status["details"]?.type, "array");
    assert.deepEqual(status["details"].items?.additionalProperties, any);
  });

  test("schemas are found under their ids, and every reference resolves", () => {
    for (const [id, schema] of Object.entries(document.schemas)) assert.equal(schema.id, id);
    const ofMethods = methods.flatMap(({ method }) => [method.request, method.response]);
    const references = [...values, ...ofMethods].flatMap((each) => each?.$ref ?? []);
    assert.ok(references.length > 15);
    for (const reference of references) assert.ok(reference in document.schemas, reference);
  });

  test("methods with HTTP bindings are where Google's documents have them", () => {
    const { locations } = document.resources["projects"]?.resources ?? {};
    const { instances } = locations?.resources ?? {};
    assert.deepEqual(
      Object.entries(instances?.methods ?? {}).map(
        ([name, { httpMethod, path }]) => `${name} ${httpMethod} ${path}`,
      ),
      [
        "list GET v1/{+parent}/instances",
        "get GET v1/{+name}",
        "getAuthString GET v1/{+name}/authString",
        "create POST v1/{+parent}/instances",
        "patch PATCH v1/{+name}",
        "upgrade POST v1/{+name}:upgrade",
        "import POST v1/{+name}:import",
        "export POST v1/{+name}:export",
        "failover POST v1/{+name}:failover",
        "delete DELETE v1/{+name}",
        "rescheduleMaintenance POST v1/{+name}:rescheduleMaintenance",
      ],
    );
    const create = instances?.methods["create"];
    assert.equal(create?.flatPath, "v1/projects/{projectsId}/locations/{locationsId}/instances");
    assert.equal(create.parameters["parent"]?.pattern, "^projects/[^/]+/locations/[^/]+$");
    assert.deepEqual([create.request?.$ref, create.response.$ref], ["Instance", "Operation"]);
    assert.equal(instances?.methods["patch"]?.parameters["updateMask"]?.format, "google-fieldmask");
  });

  test("values have one of the seven types or a reference, and are texts where numbers could lose digits", () => {
    const types = ["any", "array", "boolean", "integer", "number", "object", "string"];
    assert.ok(values.length > 50);
    for (const value of values) {
      const shown = JSON.stringify(value);
      assert.ok((value.type === undefined) !== (value.$ref === undefined), shown);
      if (value.type !== undefined) assert.ok(types.includes(value.type), shown);
      if (value.type === "array") assert.ok(value.items !== undefined, shown);
      for (const key of ["default", "minimum", "maximum"] as const)
        assert.ok(value[key] === undefined || typeof value[key] === "string", shown);
      if (value.enumDescriptions !== undefined)
        assert.equal(value.enumDescriptions.length, value.enum?.length, shown);
    }
  });
});
