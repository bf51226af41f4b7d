import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { create, type Message, toJson } from "@bufbuild/protobuf";
import { violationsText } from "../../core/error/violations.ts";
import { issuePath } from "../../core/method/schema.ts";
import { messageSchema, requestSchema } from "./message-schema.ts";
import { library } from "./sample.suite.ts";
import { typesOfFile } from "./imported-types.ts";

const { rpc, message } = library();
const request = rpc("CreateBook").input;
const requests = requestSchema(request, typesOfFile(request.file))["~standard"];
const books = messageSchema(message("Book"), typesOfFile(request.file))["~standard"];

describe("requestSchema()", () => {
  it("makes a message from proto-JSON, and accepts an existing message", async () => {
    const json = { parent: "shelves/1", book: { title: "A", words: "9007199254740993" } };
    const result = await requests.validate(json);
    assert.ok(result.issues === undefined);
    const { book } = result.value as Message & { book: { words: bigint; title: string } };
    assert.deepEqual([book.title, book.words], ["A", 9007199254740993n]);
    assert.deepEqual(await requests.validate(result.value), result);
  });

  it("names each REQUIRED field that is missing, with its path (AIP-203)", async () => {
    const inside = { title: "", pages: [{ text: "a" }, {}], marked: { b: {} }, front: {} };
    const { issues } = await requests.validate({ book: inside });
    assert.deepEqual(
      issues?.map((issue) => issuePath(issue)),
      ["parent", "book.title", "book.pages[1].text", "book.marked.b.text", "book.front.text"],
    );
    assert.equal(issues?.[0]?.message, "is required");
  });

  it("reports invalid values", async () => {
    const { issues } = await requests.validate({ parent: "a", boook: {} });
    assert.match(issues?.[0]?.message ?? "", /boook/);
  });
});

describe("messageSchema()", () => {
  it("accepts values in the convenient form, and names invalid fields", async () => {
    const made = create(message("Progress"), { createTime: { seconds: 1n, nanos: 0 } });
    const progress = messageSchema(message("Progress"), typesOfFile(request.file))["~standard"];
    const given = { ...made, end_time: new Date(5_000), pollInterval: "3s", percent: undefined };
    const result = await progress.validate(given);
    assert.ok(result.issues === undefined);
    assert.deepEqual(toJson(message("Progress"), result.value as Message), {
      createTime: "1970-01-01T00:00:01Z",
      endTime: "1970-01-01T00:00:05Z",
      pollInterval: "3s",
    });
    const { issues } = await progress.validate({ creatTime: new Date(0) });
    assert.deepEqual(
      [issues?.length, violationsText(issues ?? [])],
      [1, 'creatTime: test.v1.Progress has no field "creatTime" (did you mean "createTime"?)'],
    );
  });

  it("accepts the input of create(), and messages", async () => {
    const result = await books.validate({ title: "A", pages: [{ text: "b" }] });
    assert.ok(result.issues === undefined);
    assert.equal((result.value as Message).$typeName, "test.v1.Book");
    assert.deepEqual(await books.validate(result.value), result);
  });

  it("refuses another message, values that are not objects, and fields of the wrong type", async () => {
    const page = create(message("Page"), {});
    for (const [value, expected] of [
      [page, /expected a test\.v1\.Book, got a test\.v1\.Page/],
      [null, /expected a test\.v1\.Book, got null/],
      ["A", /got string/],
      [{ title: 5 }, /title/],
    ] as const) {
      const { issues } = await books.validate(value);
      assert.match(violationsText(issues ?? []), expected);
    }
  });
});
