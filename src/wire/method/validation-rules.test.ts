import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { create, createFileRegistry, fromBinary, setExtension } from "@bufbuild/protobuf";
import { FieldOptionsSchema, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import {
  field as fieldRules,
  FieldRulesSchema,
  file_buf_validate_validate,
} from "@bufbuild/protovalidate/gen/buf/validate/validate_pb.js";
import { descriptorSetOf } from "../../../test/support/descriptors.ts";
import { issuePath } from "../../core/schema.ts";
import { typesOfFile, withImports } from "./imported-types.ts";
import { requestSchema } from "./message-schema.ts";
import { brokenRules, loadRules, mayHaveRules } from "./validation-rules.ts";

/** A message whose one text must have three characters; its proto is given the rule here, since no package has the file. */
function withRule() {
  const set = fromBinary(
    FileDescriptorSetSchema,
    descriptorSetOf('syntax = "proto3"; package test.v1; message Book { string title = 1; }'),
  );
  const file = set.file.find(({ name }) => name === "test.proto");
  const title = file?.messageType[0]?.field[0];
  assert.ok(file !== undefined && title !== undefined);
  title.options = create(FieldOptionsSchema);
  const rules = create(FieldRulesSchema, { type: { case: "string", value: { minLen: 3n } } });
  setExtension(title.options, fieldRules, rules);
  const known = new Set(set.file.map(({ name }) => name));
  const added = [...withImports(file_buf_validate_validate)].map(({ proto }) => proto);
  set.file.unshift(...added.filter(({ name }) => !known.has(name)).toReversed());
  file.dependency.push("buf/validate/validate.proto");
  const desc = createFileRegistry(set).getMessage("test.v1.Book");
  assert.ok(desc !== undefined);
  return desc;
}

describe("rules of protovalidate", () => {
  const desc = withRule();

  it("are checked in requests, and each that is broken is told with its field", async () => {
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

  it("need what checks them to be installed", async () => {
    const missing = loadRules(desc.file, () => Promise.reject(new Error("ERR_MODULE_NOT_FOUND")));
    await assert.rejects(missing, /npm install @bufbuild\/protovalidate/);
  });
});
