import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { type JsonObject, type JsonValue, toJson } from "@bufbuild/protobuf";
import { libraryService, methodOf } from "../../../../test/support/library-protos.ts";
import { StatusError } from "../../../core/error/error.ts";
import { bindingsOf } from "../../../protos/http-rule/binding.ts";
import { typesOfFiles } from "../../../protos/method/imported-types.ts";
import { jsonObjectOf } from "../../json-object.ts";
import { parseQuery } from "../query.ts";
import { requestMessage } from "./request-message.ts";

const service = libraryService();
const types = typesOfFiles([service.file]);

/** The request of a call, as JSON. */
function request(name: string, query: string, body: JsonObject): JsonValue {
  const rpc = methodOf(service, name);
  const [binding] = bindingsOf(rpc);
  assert.ok(binding !== undefined);
  const values = name === "CreateBook" ? ["shelves/a"] : [];
  const message = requestMessage(binding, { values, query: parseQuery(query), body }, types);
  return toJson(rpc.input, message, { registry: types });
}

function refusal(name: string, query: string, body: JsonObject): StatusError {
  try {
    assert.fail(`${JSON.stringify(request(name, query, body))} was taken`);
  } catch (error) {
    assert.ok(error instanceof StatusError, String(error));
    return error;
  }
}

suite("requestMessage() is exact or refuses", () => {
  test("accepts a large number in a body as it was written", () => {
    const body = jsonObjectOf('{"copies":9007199254740993,"price":9007199254740995}') as JsonObject;
    const { book } = request("CreateBook", "", body) as { readonly book: object };
    assert.deepEqual(book, { copies: "9007199254740993", price: "9007199254740995" });
  });

  for (const [name, value] of [
    ["create_time", "2026-02-30T12:00:00Z"],
    ["create_time", "2026-01-01T24:00:00Z"],
    ["loan", "3s later"],
    ["copies", " 5"],
    ["copies", "0x10"],
    ["copies", ""],
    ["digest", "AQI\n"],
    ["weight", "0x10"],
  ] as const) {
    test(`refuses ${JSON.stringify(value)} for ${name}, in a body and as a parameter`, () => {
      const inBody = refusal("CreateBook", "", { [name]: value });
      assert.equal(inBody.reason, "REQUEST_INVALID");
      assert.match(inBody.message, new RegExp(`Invalid value at 'book\\.${name}'`));
      if (value === "") return;
      const inQuery = refusal("ListBooks", `like.${name}=${encodeURIComponent(value)}`, {});
      assert.equal(inQuery.reason, "PARAMETER_INVALID");
    });
  }
});
