import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { libraryService, methodOf } from "../../../test/support/library-protos.ts";
import { bindingsOf } from "../../protos/http-rule/binding.ts";
import type { ParameterDescription } from "./description.ts";
import { MessageDescriptions } from "./message-descriptions.ts";
import { SchemaTable } from "./method-schemas.ts";
import { queryParameters } from "./query-parameters.ts";

const service = libraryService();

function parametersOf(name: string): Readonly<Record<string, ParameterDescription>> {
  const [binding] = bindingsOf(methodOf(service, name));
  return queryParameters(binding ?? assert.fail(), new MessageDescriptions(new SchemaTable({})));
}

suite("queryParameters()", () => {
  test("are the fields that are in neither path nor body", () => {
    assert.deepEqual(Object.keys(parametersOf("GetBook")), ["isbn"]);
    assert.deepEqual(Object.keys(parametersOf("CreateBook")), ["bookId", "validateOnly"]);
    assert.deepEqual(Object.keys(parametersOf("UpdateBook")), ["updateMask"]);
    assert.deepEqual(parametersOf("ScanBook"), {});
  });

  test("leave out a field of a message that the path has", () => {
    const [binding] = bindingsOf(methodOf(service, "UpdateBook"));
    assert.ok(binding !== undefined);
    const messages = new MessageDescriptions(new SchemaTable({}));
    const names = Object.keys(queryParameters({ ...binding, body: undefined }, messages));
    assert.ok(names.includes("book.title") && !names.includes("book.name"), names.join());
  });

  test("include fields of messages, each message once, without fields that have no parameter form", () => {
    const names = Object.keys(parametersOf("ListBooks"));
    assert.deepEqual(names.slice(0, 6), [
      "pageSize",
      "pageToken",
      "like.name",
      "like.title",
      "like.author.givenName",
      "like.author.familyName",
    ]);
    assert.ok(
      names.includes("like.createTime") && names.includes("like.price") && names.includes("like.tags"),
    );
    for (const name of [
      "like",
      "like.labels",
      "like.sequels",
      "like.note",
      "like.extras",
      "like.author.teacher.givenName",
    ])
      assert.ok(!names.includes(name), name);
  });

  test("have the type, whether they repeat, and the proto's comment", () => {
    const parameters = parametersOf("ListBooks");
    assert.deepEqual(parameters["ids"], {
      type: "string",
      format: "int64",
      description: "The field `ids` of the request.",
      location: "query",
      repeated: true,
    });
    assert.equal(parameters["like.title"]?.description, "Its title.");
    assert.deepEqual(parameters["like.binding"]?.enum, ["BINDING_UNSPECIFIED", "HARDCOVER", "PAPERBACK"]);
    assert.equal(parameters["like.oldCount"]?.deprecated, true);
  });
});
