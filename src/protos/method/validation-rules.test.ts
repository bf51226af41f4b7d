import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { create, createFileRegistry, type JsonObject, fromBinary, setExtension } from "@bufbuild/protobuf";
import { FieldOptionsSchema, FileDescriptorSetSchema, MessageOptionsSchema } from "@bufbuild/protobuf/wkt";
import {
  field as fieldRules,
  FieldRulesSchema,
  file_buf_validate_validate,
  message as messageRules,
  MessageRulesSchema,
} from "@bufbuild/protovalidate/gen/buf/validate/validate_pb.js";
import { descriptorSetOf } from "../../../test/support/descriptors.ts";
import { issuePath } from "../../core/method/schema.ts";
import { typesOfFile, withImports } from "./imported-types.ts";
import { requestSchema } from "./message-schema.ts";
import { brokenRules, loadRules, mayHaveRules } from "./validation-rules.ts";

const PROTO = `
  syntax = "proto3";
  package test.v1;
  import "google/protobuf/field_mask.proto";
  message Book { string title = 1; int32 page_count = 2; repeated Book sequels = 3; map<string, Book> by_key = 4; }
  message UpdateBookRequest { Book book = 1; google.protobuf.FieldMask update_mask = 2; }`;

/**
 * A book whose title must have three characters and differ from "bad". The rules are added to its
 * proto here, because no package contains the file.
 */
function withRule() {
  const set = fromBinary(FileDescriptorSetSchema, descriptorSetOf(PROTO));
  const file = set.file.find(({ name }) => name === "test.proto");
  const title = file?.messageType[0]?.field[0];
  assert.ok(file !== undefined && title !== undefined);
  title.options = create(FieldOptionsSchema);
  const rules = create(FieldRulesSchema, { type: { case: "string", value: { minLen: 3n } } });
  setExtension(title.options, fieldRules, rules);
  const whole = { id: "good", message: "is bad", expression: "this.title != 'bad' && this.page_count != 5" };
  const book = file.messageType[0];
  assert.ok(book !== undefined);
  book.options = create(MessageOptionsSchema);
  setExtension(book.options, messageRules, create(MessageRulesSchema, { cel: [whole] }));
  const known = new Set(set.file.map(({ name }) => name));
  const added = [...withImports(file_buf_validate_validate)].map(({ proto }) => proto);
  set.file.splice(set.file.indexOf(file), 0, ...added.filter(({ name }) => !known.has(name)).toReversed());
  file.dependency.push("buf/validate/validate.proto");
  const registry = createFileRegistry(set);
  const desc = registry.getMessage("test.v1.Book");
  const update = registry.getMessage("test.v1.UpdateBookRequest");
  assert.ok(desc !== undefined && update !== undefined);
  return { desc, update };
}

describe("protovalidate rules", () => {
  const { desc, update } = withRule();

  it("are checked in requests, and each violation is reported with its field", async () => {
    assert.equal(mayHaveRules(desc.file), true);
    const schema = requestSchema(desc, typesOfFile(desc.file))["~standard"];
    const refused = await schema.validate({ title: "A" });
    assert.deepEqual(
      refused.issues?.map((issue) => issuePath(issue)),
      ["title"],
    );
    assert.equal((await schema.validate({ title: "Abc" })).issues, undefined);
    assert.deepEqual(await brokenRules(desc, create(desc, { title: "Abc" }), typesOfFile(desc.file)), []);
  });

  it("apply to the fields in an update's mask, and to the whole message if all of it is named", async () => {
    const schema = requestSchema(update, typesOfFile(desc.file))["~standard"];
    const broken = async (updateMask: string, book: JsonObject): Promise<unknown> => {
      const { issues = [] } = await schema.validate({ book, updateMask });
      return issues.map(issuePath);
    };
    assert.deepEqual(await broken("pageCount", { pageCount: 5 }), []);
    assert.deepEqual(await broken("", { pageCount: 5 }), []);
    assert.deepEqual(await broken("title", { title: "A", pageCount: 5 }), ["book.title"]);
    assert.deepEqual(await broken("", { title: "A" }), ["book.title"]);
    assert.deepEqual(await broken("*", { pageCount: 5 }), ["book.title", "book"]);
    const inside = {
      sequels: [{ title: "A" }],
      byKey: { a: { title: "A" }, b: { title: "B", pageCount: 5 } },
    };
    assert.deepEqual(await broken("pageCount", inside), []);
    assert.deepEqual(await broken("sequels,byKey.b", inside), [
      "book.sequels[0].title",
      "book.by_key.b.title",
      "book.by_key.b",
    ]);
  });

  it("need an installed package", async () => {
    const missing = loadRules(desc.file, () => Promise.reject(new Error("ERR_MODULE_NOT_FOUND")));
    await assert.rejects(missing, /npm install @bufbuild\/protovalidate/);
  });
});
