import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { create, type Message, toBinary } from "@bufbuild/protobuf";
import { base64Encode } from "@bufbuild/protobuf/wire";
import { EmptySchema } from "@bufbuild/protobuf/wkt";
import { messageCodec } from "./message-codec.ts";
import { metadataShape } from "./metadata-shape.ts";
import { library } from "./sample.suite.ts";
import { typesOfFile } from "./imported-types.ts";

const { message } = library();
const [request, book, progress] = [message("CreateBookRequest"), message("Book"), message("Progress")];
const types = typesOfFile(book.file);
const { fields } = metadataShape(progress);
const codec = messageCodec({ request, response: book, metadata: progress }, types, fields);

describe("messageCodec()", () => {
  it("stores responses as proto-JSON and returns the message", () => {
    const extra = {
      $typeName: "google.protobuf.Any",
      typeUrl: "type.googleapis.com/test.v1.Page",
      value: new Uint8Array([10, 1, 97]),
    };
    const payload = codec.response("Response", { title: "A", words: 5n, extra });
    assert.equal(payload.type, "test.v1.Book");
    assert.deepEqual(JSON.parse(payload.json), {
      title: "A",
      words: "5",
      extra: { "@type": "type.googleapis.com/test.v1.Page", text: "a" },
    });
    assert.equal((codec.value(payload) as Message & { title: string }).title, "A");
    assert.deepEqual(codec.empty, { type: "test.v1.Book", json: "{}" });
  });

  it("refuses values that cannot be written, such as an Any of an unknown type", () => {
    const extra = {
      $typeName: "google.protobuf.Any",
      typeUrl: "type.googleapis.com/nobody.Knows",
      value: new Uint8Array([8, 1]),
    };
    assert.throws(
      () => codec.response("Response of x", { title: "A", extra }),
      /^TypeError: Response of x: /,
    );
  });

  it("leaves the fields that the service fills out of metadata", () => {
    const { json } = codec.metadata("Progress", { verb: "own", percent: 5, cancelRequested: true });
    assert.deepEqual(JSON.parse(json), { percent: 5 });
  });

  it("writes requests, reads Empty as null, and reads types that no longer exist as plain JSON", () => {
    assert.deepEqual(codec.request({ parent: "a", book: { title: "b" } }), {
      parent: "a",
      book: { title: "b" },
    });
    const empty = messageCodec({ request, response: EmptySchema, metadata: undefined }, types, new Map());
    assert.equal(empty.value(empty.response("Response", create(EmptySchema))), null);
    const bytes = base64Encode(toBinary(message("Book"), create(message("Book"), { title: "B" })));
    const kept = { type: "test.v1.Book", json: JSON.stringify({ "@bytes": bytes }) };
    assert.equal((codec.value(kept) as Message & { title: string }).title, "B");
    assert.deepEqual(codec.value({ type: "test.v1.Gone", json: '{"a":1}' }), { a: 1 });
  });
});
