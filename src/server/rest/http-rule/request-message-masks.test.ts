import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { type JsonObject, toJson } from "@bufbuild/protobuf";
import { libraryService, methodOf } from "../../../../test/support/library-protos.ts";
import { bindingsOf } from "../../../protos/http-rule/binding.ts";
import { typesOfFiles } from "../../../protos/method/imported-types.ts";
import { parseQuery } from "../query.ts";
import { requestMessage } from "./request-message.ts";

const service = libraryService();
const types = typesOfFiles([service.file]);

interface Sent {
  readonly query?: string;
  readonly body?: JsonObject;
}

const CASES: readonly (readonly [
  what: string,
  name: string,
  at: number,
  sent: Sent,
  expected: JsonObject,
])[] = [
  [
    "of a query in either spelling, with both kinds of path",
    "UpdateBook",
    0,
    { query: "updateMask=page_count,author.givenName&update_mask=lent" },
    { updateMask: "pageCount,author.givenName,lent" },
  ],
  [
    "of a query path by path",
    "UpdateBook",
    0,
    { query: "updateMask.paths=pageCount&update_mask.paths=author.given_name" },
    { updateMask: "pageCount,author.givenName" },
  ],
  [
    "of a query inside of messages, repeated, and of what is read",
    "ListBooks",
    0,
    {
      query:
        "change.update_mask=page_count&change.updateMask=lent&readMask=page_count,author.family_name" +
        "&masks=old_count&masks=lent",
    },
    {
      readMask: "pageCount,author.familyName",
      change: { updateMask: "pageCount,lent" },
      masks: ["oldCount", "lent"],
    },
  ],
  [
    "of a body in either spelling",
    "UpdateBook",
    1,
    { body: { book: {}, updateMask: "page_count,author.givenName" } },
    { updateMask: "pageCount,author.givenName" },
  ],
];

suite("requestMessage() reads masks", () => {
  for (const [what, name, at, { query = "", body = {} }, expected] of CASES) {
    test(what, () => {
      const rpc = methodOf(service, name);
      const binding = bindingsOf(rpc)[at];
      assert.ok(binding !== undefined);
      const parts = { values: ["a"], query: parseQuery(query), body };
      const json = toJson(rpc.input, requestMessage(binding, parts, types), { registry: types });
      const { book, parent, ...rest } = json as JsonObject;
      assert.ok(book !== undefined || parent === "a");
      assert.deepEqual(rest, expected);
    });
  }

  test("of a query in one form", () => {
    const rpc = methodOf(service, "ListBooks");
    const binding = bindingsOf(rpc)[0];
    assert.ok(binding !== undefined);
    for (const query of ["readMask=a&read_mask.paths=b", "change.updateMask.paths=b&change.updateMask=a"]) {
      const parts = { values: ["a"], query: parseQuery(query), body: {} };
      assert.throws(
        () => requestMessage(binding, parts, types),
        /as a text and by its paths; give one/,
        query,
      );
    }
  });
});
