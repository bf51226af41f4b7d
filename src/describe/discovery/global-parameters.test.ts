import assert from "node:assert/strict";
import { test } from "node:test";
import { GLOBAL_PARAMETERS } from "./global-parameters.ts";

test("$.xgafv has the text of Google's documents (contract 5.1)", () => {
  assert.equal(
    JSON.stringify(GLOBAL_PARAMETERS["$.xgafv"]),
    '{"description":"V1 error format.","enum":["1","2"],"enumDescriptions":["v1 error format","v2 error format"],"location":"query","type":"string"}',
  );
});

test("the global parameters are those of Google's documents (contract 5.1)", () => {
  assert.deepEqual(Object.keys(GLOBAL_PARAMETERS), [
    "$.xgafv",
    "access_token",
    "alt",
    "callback",
    "fields",
    "key",
    "oauth_token",
    "prettyPrint",
    "quotaUser",
    "uploadType",
    "upload_protocol",
  ]);
  assert.deepEqual(GLOBAL_PARAMETERS["alt"]?.enum, ["json", "media", "proto"]);
  assert.equal(GLOBAL_PARAMETERS["prettyPrint"]?.default, "true");
});
