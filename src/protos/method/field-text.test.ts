import assert from "node:assert/strict";
import { test } from "node:test";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { FieldDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { fieldText } from "./field-text.ts";

const field = (init: MessageInitShape<typeof FieldDescriptorProtoSchema>): unknown =>
  create(FieldDescriptorProtoSchema, init);

function refused(path: string, message: RegExp): void {
  assert.throws(() => fieldText(FieldDescriptorProtoSchema, path.split(".")), { name: "TypeError", message });
}

test("a field is read by its name in the proto or in JSON", () => {
  const message = field({ typeName: ".a.B", number: 5 });
  assert.equal(fieldText(FieldDescriptorProtoSchema, ["type_name"])(message), ".a.B");
  assert.equal(fieldText(FieldDescriptorProtoSchema, ["typeName"])(message), ".a.B");
  assert.equal(fieldText(FieldDescriptorProtoSchema, ["number"])(message), "5");
});

test("a field that is missing, or in a missing message, is empty", () => {
  assert.equal(fieldText(FieldDescriptorProtoSchema, ["name"])(field({})), "");
  assert.equal(fieldText(FieldDescriptorProtoSchema, ["options", "packed"])(field({})), "");
});

test("an unknown field is refused with the nearest one, and so is a field that is not text", () => {
  refused("typename", /the request has no "typename" \(did you mean "type_name"\?\)/);
  refused("options.paked", /the request has no "options\.paked" \(did you mean "packed"\?\)/);
  refused("name.first", /the request has no "name\.first"; there is nothing/);
  refused("options", /"options" has to be a text, a number or a truth/);
});
