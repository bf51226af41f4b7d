import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { libraryService, methodOf } from "../../../test/support/library-protos.ts";
import type { ValueDescription } from "./description.ts";
import { MessageDescriptions } from "./message-descriptions.ts";
import { SchemaTable } from "./method-schemas.ts";

const service = libraryService();
const book = methodOf(service, "GetBook").output;

function describe(): { readonly table: SchemaTable; readonly messages: MessageDescriptions } {
  const table = new SchemaTable({ Operation: {}, Empty: {} });
  return { table, messages: new MessageDescriptions(table) };
}

suite("MessageDescriptions", () => {
  const { messages } = describe();
  messages.reference(book);
  const properties = messages.added["Book"]?.properties ?? {};

  const any = { type: "any", description: "Properties of the object. Contains field @type with type URL." };
  const cases: Readonly<Record<string, ValueDescription>> = {
    name: { type: "string" },
    title: { type: "string", description: "Its title." },
    author: { $ref: "Author" },
    binding: {
      type: "string",
      enum: ["BINDING_UNSPECIFIED", "HARDCOVER", "PAPERBACK"],
      enumDescriptions: ["", "With boards.", ""],
    },
    pageCount: { type: "integer", format: "int32" },
    copies: { type: "string", format: "int64" },
    lent: { type: "boolean" },
    digest: { type: "string", format: "byte" },
    weight: { type: "number", format: "double" },
    tags: { type: "array", items: { type: "string" } },
    labels: { type: "object", additionalProperties: { type: "string" } },
    createTime: { type: "string", format: "google-datetime", readOnly: true },
    loan: { type: "string", format: "google-duration" },
    extras: {
      type: "object",
      additionalProperties: { type: "any", description: "Properties of the object." },
    },
    note: { type: "object", additionalProperties: any as ValueDescription },
    sequels: { type: "array", items: { $ref: "Book" } },
    price: { type: "string", format: "int64" },
    motto: { type: "string" },
    translators: { type: "object", additionalProperties: { $ref: "Author" } },
    oldCount: { type: "integer", format: "uint32", deprecated: true },
  };
  for (const [name, description] of Object.entries(cases)) {
    test(`describes ${name} (contract 5.1)`, () => assert.deepEqual(properties[name], description));
  }

  test("describes a message once, even inside itself, with its comment", () => {
    assert.deepEqual(Object.keys(messages.added).toSorted(), ["Author", "Book"]);
    assert.equal(messages.added["Book"]?.description, "A book.");
    assert.deepEqual(messages.added["Author"]?.properties?.["teacher"], { $ref: "Author" });
    assert.deepEqual(messages.reference(book), { $ref: "Book" });
  });
});

test("refers to messages that every document has, and does not describe them again", () => {
  const { messages } = describe();
  assert.deepEqual(messages.reference(methodOf(service, "ScanBook").output), { $ref: "Operation" });
  assert.deepEqual(messages.reference(methodOf(service, "DeleteBook").output), { $ref: "Empty" });
  assert.deepEqual(messages.added, {});
});

test("a name that is taken gets a number, and the table has the added schemas", () => {
  const { messages, table } = describe();
  table.reserve("Book");
  assert.deepEqual(messages.reference(book), { $ref: "Book2" });
  assert.deepEqual(messages.named("List", { type: "array", items: { type: "string" } }), { $ref: "List" });
  assert.ok("Book2" in table.all() && "List" in table.all());
});

test("if there must be a reference, a message with a JSON form of its own gets a schema", () => {
  const { messages } = describe();
  const loan = book.fields.find(({ name }) => name === "loan")?.message ?? assert.fail();
  const { $ref } = messages.reference(loan);
  assert.deepEqual(messages.added[$ref], { id: "Duration", type: "string", format: "google-duration" });
});
