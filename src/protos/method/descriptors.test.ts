import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { create, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { isAnsweredMethod } from "../../core/method/answered-method.ts";
import { isMethod } from "../../core/method/method.ts";
import { isUnboundMethod } from "../../core/method/unbound-method.ts";
import { defineHandler, readDescriptors } from "./descriptors.ts";
import { library } from "./sample.suite.ts";

const file = [...library().registry.files].map(({ proto }) => proto);
const bytes = toBinary(FileDescriptorSetSchema, create(FileDescriptorSetSchema, { file }));
const descriptors = readDescriptors(bytes);

describe("readDescriptors()", () => {
  it("finds RPCs and messages by their full names", () => {
    assert.equal(descriptors.rpc("test.v1.Library.GetBook").name, "GetBook");
    assert.equal(descriptors.message("test.v1.Book")?.name, "Book");
    assert.equal(descriptors.message("test.v1.Nowhere"), undefined);
    assert.throws(
      () => descriptors.rpc("test.v1.Library.Nowhere"),
      /they have .*test\.v1\.Library\.CreateBook, /,
    );
  });

  it("refuses invalid descriptor sets, and one without its imports", () => {
    assert.throws(() => readDescriptors(new Uint8Array([1, 2, 3])), /Not a descriptor set .* buf build/);
    const alone = create(FileDescriptorSetSchema, { file: file.filter(({ name }) => name === "test.proto") });
    assert.throws(() => readDescriptors(toBinary(FileDescriptorSetSchema, alone)), /Not a descriptor set/);
  });
});

describe("defineHandler()", () => {
  it("becomes a method with the types that operation_info names", () => {
    const handler = defineHandler("test.v1.Library.CreateBook", { run: () => ({ title: "A" }) });
    assert.ok(isUnboundMethod(handler));
    const method = handler.bind(descriptors);
    assert.ok(isMethod(method));
    assert.equal(method.codec.response("", { title: "A" }).type, "test.v1.Book");
    assert.equal(method.metadataShape?.type, "test.v1.Progress");
    assert.ok(
      isAnsweredMethod(defineHandler("test.v1.Library.GetBook", { answer: () => ({}) }).bind(descriptors)),
    );
  });

  it("says that a type is not in the descriptors", () => {
    const handler = defineHandler("test.v1.Library.LoseBook", { run: () => {} });
    assert.throws(
      () => handler.bind(descriptors),
      /names test\.v1\.Nowhere, which the descriptors do not have/,
    );
  });
});
