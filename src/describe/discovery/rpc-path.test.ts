import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { descriptorsOf, serviceOf } from "../../../test/support/descriptors.ts";
import { unaryMethods } from "../../../test/support/library-protos.ts";
import { type Binding, bindingsOf } from "../../protos/http-rule/binding.ts";
import { describedPath, patternOf } from "./rpc-path.ts";

const TEMPLATES = [
  "/v1/{name=shelves/*/books/*}",
  "/v1/{a}/b/{c}:do",
  "/v1/{name=**}",
  "/v1/{name=files/**}/pages",
  "/v1/{q.name=shelves/*}",
  "/v1/{name=a/*}/{q.name=a/*}",
  "/v1/{name=*/*}",
  "/v1/{name=big-shelves/*}",
  "/v1/*/{name}",
];

/** A binding for each template. */
function bindings(): readonly Binding[] {
  const rpcs = TEMPLATES.map(
    (path, index) => `rpc R${index}(Q) returns (Q) { option (google.api.http) = { get: "${path}" }; }`,
  );
  const registry = descriptorsOf(`
    syntax = "proto3";
    package a;
    import "google/api/annotations.proto";
    message Q { string name = 1; string a = 2; string c = 3; Q q = 4; string shelves_id = 5; }
    service S { ${rpcs.join("\n")} }
  `);
  return unaryMethods(serviceOf(registry, "a.S")).flatMap(bindingsOf);
}

suite("describedPath()", () => {
  const all = bindings();
  const shown = (index: number, taken: readonly string[] = []): string | undefined => {
    const described = describedPath(all[index] ?? assert.fail(), new Set(taken));
    return described && `${described.path} ${described.flatPath} ${described.flatNames.join(",")}`;
  };
  const expected: readonly (string | undefined)[] = [
    "v1/{+name} v1/shelves/{shelvesId}/books/{booksId} shelvesId,booksId",
    "v1/{a}/b/{c}:do v1/{a}/b/{c}:do a,c",
    "v1/{+name} v1/{name} name",
    "v1/{+name}/pages v1/files/{filesId}/pages filesId",
    "v1/{+name} v1/shelves/{shelvesId} shelvesId",
    "v1/{+name}/{+q.name} v1/a/{aId}/a/{aId1} aId,aId1",
    "v1/{+name} v1/{name}/{name1} name,name1",
    "v1/{+name} v1/big-shelves/{bigShelvesId} bigShelvesId",
    undefined,
  ];
  for (const [index, text] of TEMPLATES.entries())
    test(`writes ${text}`, () => assert.equal(shown(index), expected[index]));

  test("gives way to names of the query", () => {
    assert.equal(shown(4, ["name", "shelvesId"]), "v1/{+q.name} v1/shelves/{shelvesId1} shelvesId1");
  });

  test("patternOf() is anchored, and exists only for values of several segments", () => {
    const patterns = all.slice(0, 4).map(({ template, variables }) => {
      const [variable] = variables;
      return patternOf(template, variable ?? assert.fail());
    });
    assert.deepEqual(patterns, ["^shelves/[^/]+/books/[^/]+$", undefined, "^.*$", "^files/.*$"]);
  });
});
