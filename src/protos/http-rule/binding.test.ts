import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { descriptorsOf, REDIS_PROTOS, serviceOf } from "../../../test/support/descriptors.ts";
import { libraryService, methodOf, unaryMethods } from "../../../test/support/library-protos.ts";
import { bindingsOf } from "./binding.ts";

const library = libraryService();

function shown(name: string): readonly string[] {
  return bindingsOf(methodOf(library, name)).map(
    ({ httpMethod, template, body, responseBody, variables }) => {
      const bodyName = body === undefined || body === "*" ? (body ?? "") : body.name;
      const bound = variables.map(({ fields }) => fields.map((field) => field.name).join("."));
      return `${httpMethod} ${template.text} ${bound.join(" ")} body=${bodyName} answer=${responseBody?.name ?? ""}`;
    },
  );
}

suite("bindingsOf() reads google.api.http:", () => {
  test("additional bindings besides the first", () => {
    assert.deepEqual(shown("GetBook"), [
      "GET /v1/{name=shelves/*/books/*} name body= answer=",
      "GET /v1beta1/{name=shelves/*/books/*} name body= answer=",
      "GET /v1/isbn/{isbn} isbn body= answer=",
    ]);
  });

  test("bodies, and fields of messages in the path", () => {
    assert.deepEqual(shown("UpdateBook"), [
      "PATCH /v1/{book.name=shelves/*/books/*} book.name body=book answer=",
      "PUT /v1/{book.name=shelves/*/books/*} book.name body=* answer=",
    ]);
  });

  test("custom methods and response_body", () => {
    assert.match(shown("LockBook")[0] ?? "", /^LOCK /);
    assert.match(shown("GetCover")[0] ?? "", /answer=author$/);
  });

  test("an RPC without a rule has none", () => assert.deepEqual(shown("PeekBook"), []));

  test("all rules of a service as Google publishes them", () => {
    const service = serviceOf(descriptorsOf(REDIS_PROTOS), "google.cloud.redis.v1.CloudRedis");
    assert.deepEqual(
      unaryMethods(service).map((rpc) => bindingsOf(rpc).length),
      service.methods.map(() => 1),
    );
  });
});

suite("bindingsOf() refuses, naming the RPC:", () => {
  const cases: readonly (readonly [rule: string, message: RegExp])[] = [
    ['get: "/v1/{nope}"', /a\.S0\.Call: google\.api\.http: a\.Q has no field "nope"/],
    ['get: "/v1/{name.x}"', /no field "name\.x"/],
    ['get: "/v1/{inner}"', /"inner", which is not a single value/],
    ['get: "/v1/{names}"', /"names", which is not a single value/],
    ['get: "/v1/{pairs}"', /"pairs", which is not a single value/],
    ['get: "/v1/x" body: "*"', /GET \/v1\/x cannot have a body/],
    ['post: "/v1/x" body: "nope"', /body: a\.Q has no field "nope"/],
    ['post: "/v1/x" body: "name"', /body: "name" is no message/],
    ['get: "/v1/x" response_body: "nope"', /response_body: a\.Q has no field "nope"/],
    ['body: "*"', /expected one of get, put, post/],
    ['get: "v1"', /Path template "v1"/],
    ['custom { kind: "GE T" path: "/v1" }', /"GE T" is no HTTP method/],
    [
      'get: "/v1" additional_bindings { get: "/v2" additional_bindings { get: "/v3" } }',
      /cannot have additional bindings/,
    ],
  ];
  // One compilation of all cases, because it takes as long as that of one.
  const services = cases.map(
    ([rule], index) =>
      `service S${index} { rpc Call(Q) returns (Q) { option (google.api.http) = { ${rule} }; } }`,
  );
  const registry = descriptorsOf(`
    syntax = "proto3";
    package a;
    import "google/api/annotations.proto";
    message Q { string name = 1; Q inner = 2; repeated string names = 3; map<string, string> pairs = 4; }
    ${services.join("\n")}
  `);
  for (const [index, [rule, message]] of cases.entries()) {
    test(rule, () => {
      const [rpc] = unaryMethods(serviceOf(registry, `a.S${index}`));
      assert.ok(rpc !== undefined);
      assert.throws(
        () => bindingsOf(rpc),
        (error: Error) => error instanceof TypeError && message.test(error.message),
      );
    });
  }
});
