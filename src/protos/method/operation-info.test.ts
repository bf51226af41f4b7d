import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { EmptySchema } from "@bufbuild/protobuf/wkt";
import { descriptorsOf, serviceOf } from "../../../test/support/descriptors.ts";
import { methodOf } from "../../../test/support/library-protos.ts";
import { checkOperationInfo, isLongRunning, operationTypes, rpcName } from "./operation-info.ts";
import { library } from "./sample.suite.ts";

const { rpc, message } = library();

describe("operation_info", () => {
  it("is read with simple names in the RPC's package and with full names", () => {
    assert.equal(rpcName(rpc("CreateBook")), "test.v1.Library.CreateBook");
    assert.deepEqual(operationTypes(rpc("CreateBook")).response, ["test.v1.Book", "Book"]);
    assert.equal(operationTypes(rpc("CreateBook")).metadata[0], "test.v1.Progress");
    assert.deepEqual(operationTypes(rpc("GetBook")), { response: [], metadata: [] });
    assert.deepEqual([isLongRunning(rpc("CreateBook")), isLongRunning(rpc("GetBook"))], [true, false]);
  });

  it("may name a type inside a message of the RPC's package", () => {
    const registry = descriptorsOf(`
      syntax = "proto3";
      package test.v1;
      import "google/longrunning/operations.proto";
      message Book { message Scan {} }
      service Scanner {
        rpc ScanBook(Book) returns (google.longrunning.Operation) {
          option (google.longrunning.operation_info) = { response_type: "Book.Scan" metadata_type: "Book" };
        }
      }`);
    const scan = methodOf(serviceOf(registry, "test.v1.Scanner"), "ScanBook");
    assert.deepEqual(operationTypes(scan).response, ["Book.Scan", "test.v1.Book.Scan"]);
    const [response, metadata] = ["test.v1.Book.Scan", "test.v1.Book"].map((name) =>
      registry.getMessage(name),
    );
    checkOperationInfo(scan, { response, metadata });
  });

  it("must agree with the types with which a method is declared", () => {
    const [response, metadata] = [message("Book"), message("Progress")];
    checkOperationInfo(rpc("CreateBook"), { response, metadata });
    checkOperationInfo(rpc("BurnBook"), { response: EmptySchema, metadata });
    assert.throws(
      () => checkOperationInfo(rpc("CreateBook"), { response: message("Page"), metadata }),
      /test\.v1\.Library\.CreateBook: its operation_info says that the response is a test\.v1\.Book, but the method is declared with test\.v1\.Page/,
    );
    assert.throws(
      () => checkOperationInfo(rpc("CreateBook"), { response, metadata: undefined }),
      /the metadata is a test\.v1\.Progress/,
    );
    assert.throws(
      () => checkOperationInfo(rpc("GetBook"), { response, metadata }),
      /declare it with \{ answer \}/,
    );
  });
});
