import assert from "node:assert/strict";
import { test } from "node:test";
import { libraryService, methodOf } from "../../../../test/support/library-protos.ts";
import { readMask } from "../field-mask.ts";
import { fieldShape, messageShape } from "./message-shape.ts";

const { output } = methodOf(libraryService(), "ListBooks");

test("messageShape() has every field of the JSON, through lists and recursive messages", () => {
  const shape = messageShape(output);
  const fine = [
    "books(name,title,author/teacher/teacher/givenName),nextPageToken",
    "books.sequels.sequels.title",
    "books/labels/any,books/extras/any/thing,books/note/any,books.price,books.translators.eva.givenName",
    "*",
    "books/*",
  ];
  for (const mask of fine) assert.doesNotThrow(() => readMask(mask, { shape }), mask);
  for (const mask of [
    "book",
    "books.titel",
    "books.createTime.seconds",
    "books(author/age)",
    "books.title.x",
  ])
    assert.throws(() => readMask(mask, { shape }), /invalid argument/, mask);
});

test("fieldShape() is that of the members of a list, and unrestricted for a map", () => {
  const book = output.fields[0]?.message;
  const shape = fieldShape(output.fields[0] ?? assert.fail());
  assert.ok(shape !== "free" && "title" in shape);
  const labels = book?.fields.find(({ name }) => name === "labels");
  assert.equal(fieldShape(labels ?? assert.fail()), "free");
});
