import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { create, fromBinary, fromJson, type JsonObject } from "@bufbuild/protobuf";
import { libraryService, methodOf } from "../../../../test/support/library-protos.ts";
import { type Binding, bindingsOf } from "../../../protos/http-rule/binding.ts";
import { typesOfFiles } from "../../../protos/method/imported-types.ts";
import { answeredMessage, answerJson, answerProto } from "./answer-json.ts";

const service = libraryService();
const types = typesOfFiles([service.file]);

function binding(name: string): Binding {
  return bindingsOf(methodOf(service, name))[0] ?? assert.fail();
}

function answered(name: string, message: JsonObject, enumsAsNumbers = false): unknown {
  const { output } = methodOf(service, name);
  return JSON.parse(
    answerJson(binding(name), fromJson(output, message, { registry: types }), types, enumsAsNumbers),
  );
}

suite("answerJson()", () => {
  test("leaves out defaults, writes 64-bit integers as text, and knows well-known types (contract 3.1)", () => {
    const book = {
      title: "t",
      copies: "5",
      binding: "HARDCOVER",
      loan: "3s",
      lent: false,
      pageCount: 0,
      price: "0",
    };
    assert.deepEqual(answered("GetBook", book), {
      title: "t",
      copies: "5",
      binding: "HARDCOVER",
      loan: "3s",
      // The field has presence.
      price: "0",
    });
  });

  test("writes enums as numbers on request (contract 3.2)", () => {
    const book = { binding: "HARDCOVER", bindings: ["PAPERBACK"] };
    assert.deepEqual(answered("GetBook", book, true), { binding: 1, bindings: [2] });
  });

  test("sends only the field that response_body names, empty if it is empty", () => {
    assert.deepEqual(answered("GetCover", { title: "t", author: { givenName: "G" } }), { givenName: "G" });
    assert.deepEqual(answered("GetCover", {}), {});
    assert.deepEqual(answered("ListPages", { pages: ["1", "2"] }), ["1", "2"]);
    assert.deepEqual(answered("ListPages", {}), []);
  });

  test("does not confuse two messages", () => {
    const wrong = create(methodOf(service, "ListPages").output);
    assert.throws(
      () => answerJson(binding("GetBook"), wrong, types, false),
      /GetBook answered with a library\.v1\.ListPagesResponse instead of a library\.v1\.Book/,
    );
  });
});

test("answerProto() makes the bytes of the message that is sent", () => {
  const cover = binding("GetCover");
  const author = answeredMessage(cover) ?? assert.fail();
  assert.equal(author.typeName, "library.v1.Author");
  const bytes = answerProto(cover, '{"givenName":"G"}', types);
  assert.equal((fromBinary(author, bytes) as { givenName?: string }).givenName, "G");
  assert.equal(answeredMessage(binding("ListPages")), undefined);
});
