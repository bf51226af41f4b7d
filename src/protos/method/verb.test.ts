import assert from "node:assert/strict";
import { test } from "node:test";
import { libraryService, methodOf } from "../../../test/support/library-protos.ts";
import { verbOf } from "./verb.ts";

const service = libraryService();

for (const [rpc, verb] of [
  ["CreateBook", "create"],
  ["UpdateBook", "update"],
  ["DeleteBook", "delete"],
  ["ScanBook", "scan"],
  ["PeekBook", "peekBook"],
] as const) {
  test(`${rpc} does "${verb}"`, () => assert.equal(verbOf(methodOf(service, rpc)), verb));
}
