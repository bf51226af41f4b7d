import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { libraryService, unaryMethods } from "../../../test/support/library-protos.ts";
import { bindingsOf } from "../../protos/http-rule/binding.ts";
import { typesOfFiles } from "../../protos/method/imported-types.ts";
import { SchemaTable } from "./method-schemas.ts";
import { RpcDescriptions } from "./rpc-descriptions.ts";
import type { DescribedRpcs, PlacedMethod } from "./rpc-describer.ts";
import { through } from "../../wire/steps.suite.ts";

const service = libraryService();
const descriptions = new RpcDescriptions(
  unaryMethods(service).flatMap(bindingsOf),
  typesOfFiles([service.file]),
);

function describe(version: string, taken: readonly string[] = []): DescribedRpcs {
  return through(descriptions.describe({ name: "lib", version }, { table: new SchemaTable({}), taken }));
}

function method(id: string): PlacedMethod {
  return describe("v1").methods.find((each) => each.method.id === id) ?? assert.fail(id);
}

suite("RpcDescriptions", () => {
  test("describe the bindings of one version, without HTTP methods of their own", () => {
    const ids = describe("v1").methods.map((each) => `${each.method.id} ${each.method.httpMethod}`);
    assert.deepEqual(ids, [
      "lib.shelves.books.get GET",
      "lib.isbn.get GET",
      "lib.shelves.books.list GET",
      "lib.shelves.books.create POST",
      "lib.shelves.books.patch PATCH",
      "lib.shelves.books.update PUT",
      "lib.shelves.books.delete DELETE",
      "lib.shelves.books.scan POST",
      "lib.shelves.purge POST",
      "lib.shelves.editions.pages.list GET",
      "lib.shelves.books.getCover GET",
      "lib.files.get GET",
    ]);
    assert.deepEqual(
      describe("v1beta1").methods.map((each) => each.method.path),
      ["v1beta1/{+name}"],
    );
  });

  test("refer to the messages of bodies and answers", () => {
    const references = (id: string): readonly unknown[] => {
      const { request, response } = method(id).method;
      return [request?.$ref, response.$ref];
    };
    assert.deepEqual(references("lib.shelves.books.create"), ["Book", "Book"]);
    assert.deepEqual(references("lib.shelves.books.scan"), ["ScanBookRequest", "Operation"]);
    assert.deepEqual(references("lib.shelves.books.delete"), [undefined, "Empty"]);
    assert.deepEqual(references("lib.shelves.books.getCover"), [undefined, "Author"]);
    const pages = method("lib.shelves.editions.pages.list").method.response.$ref;
    assert.deepEqual(describe("v1").schemas[pages], { id: pages, type: "array", items: { type: "string" } });
  });

  test("have the proto's comments, and the message that an operation will contain", () => {
    assert.equal(method("lib.shelves.books.get").method.description, "Gets a book.");
    assert.equal(
      method("lib.shelves.books.scan").method.description,
      "Scans a book, page by page. Returns an Operation with response Book and metadata ScanBookRequest.",
    );
    assert.equal(method("lib.files.get").method.description, "Calls `Library.GetFile`.");
  });

  test("have parameters of the path, of the flat path and of the query", () => {
    const { method: list, flatParameters } = method("lib.shelves.editions.pages.list");
    assert.deepEqual(list.parameterOrder, ["shelf", "edition"]);
    assert.deepEqual(
      [
        list.parameters["edition"]?.type,
        list.parameters["edition"]?.format,
        list.parameters["edition"]?.location,
      ],
      ["integer", "int32", "path"],
    );
    assert.equal(flatParameters["edition"]?.type, "integer");
    const get = method("lib.shelves.books.get");
    assert.equal(get.method.parameters["name"]?.description, "The name of the book.");
    assert.deepEqual(Object.keys(get.flatParameters), ["shelvesId", "booksId"]);
    assert.deepEqual(Object.keys(get.method.parameters), ["name", "isbn"]);
  });

  test("give way to existing methods", () => {
    const ids = describe("v1", ["lib.shelves.purge", "lib.files.get", "lib.files.getFile"]).methods.map(
      (each) => each.method.id,
    );
    assert.ok(ids.includes("lib.shelves.purgeShelf") && ids.includes("lib.files.getFile2"));
  });
});
