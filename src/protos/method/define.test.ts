import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Message } from "@bufbuild/protobuf";
import { ANONYMOUS } from "../../core/caller.ts";
import { descriptorsOf, serviceOf } from "../../../test/support/descriptors.ts";
import { methodOf } from "../../../test/support/library-protos.ts";
import { isAnsweredMethod } from "../../core/method/answered-method.ts";
import { isMethod } from "../../core/method/method.ts";
import { defineMethod } from "./define.ts";
import { library } from "./sample.suite.ts";

const { rpc, message } = library();
const types = { response: message("Book"), metadata: message("Progress") };
const run = (): Record<string, unknown> => ({ title: "A" });

describe("defineMethod() of a descriptor", () => {
  it("takes names and types from the descriptor", async () => {
    const method = defineMethod(rpc("CreateBook"), { ...types, run });
    assert.ok(isMethod(method));
    assert.equal(method.name, "createBook");
    assert.equal(method.metadataShape?.type, "test.v1.Progress");
    const request = { parent: "projects/p/locations/l", book: { title: "A" } };
    assert.equal(method.parent(request), "projects/p/locations/l");
    assert.equal(method.target(request), "projects/p/locations/l");
    assert.equal(method.codec.response("", { title: "A" }).type, "test.v1.Book");
  });

  it("takes limits on parallel operations, by a key of the message", () => {
    const parallel = { key: parentIn, when: "reject" } as const;
    const method = defineMethod(rpc("CreateBook"), { ...types, parallel, run });
    assert.deepEqual([method.parallel?.limit, method.parallel?.when], [1, "reject"]);
    assert.equal(method.parallel?.key({ parent: "projects/p" }), "projects/p");
    assert.equal(defineMethod(rpc("CreateBook"), { ...types, run }).parallel, null);
  });

  it("declares an RPC without a response as Empty", () => {
    const method = defineMethod(rpc("BurnBook"), { name: "burn", metadata: types.metadata, run: () => {} });
    assert.equal(method.name, "burn");
    assert.equal(method.codec.response("", {}).type, "google.protobuf.Empty");
  });

  it("has metadata of Empty if operation_info says so, and no Struct that the API's clients may not know", () => {
    const method = defineMethod(rpc("HideBook"), { response: types.response, run });
    assert.deepEqual(method.metadataShape?.type, "google.protobuf.Empty");
    assert.equal(method.metadataShape.fields.size, 0);
    assert.equal(method.knows?.("google.protobuf.Struct"), false);
    assert.equal(method.knows("test.v1.Book"), true);
  });

  it("says how to declare an RPC that clashes with a method of the Operations service", () => {
    const wait = serviceOf(
      descriptorsOf(`
        syntax = "proto3";
        package test.v1;
        import "google/longrunning/operations.proto";
        service Echo { rpc Wait(Request) returns (google.longrunning.Operation); }
        message Request { string parent = 1; }`),
      "test.v1.Echo",
    );
    const echo = methodOf(wait, "Wait");
    assert.throws(
      () => defineMethod(echo, { run: () => {} }),
      /^TypeError: test\.v1\.Echo\.Wait: the name "wait" belongs .* such as \{ name: "waitEcho", … \}/,
    );
    const method = defineMethod(echo, { name: "waitEcho", run: () => {} });
    assert.deepEqual([method.name, method.verb], ["waitEcho", "wait"]);
  });

  it("declares an RPC that is answered at once", async () => {
    const method = defineMethod(rpc("GetBook"), {
      answer: (request) => ({ title: (request as Message & { name: string }).name }),
    });
    assert.ok(isAnsweredMethod(method));
    const answer = method.answer(
      { name: "A" },
      {
        caller: ANONYMOUS,
        signal: new AbortController().signal,
      },
    );
    assert.deepEqual(answer, { title: "A" });
  });

  it("refuses definitions that contradict the descriptor, and says what to do", () => {
    assert.throws(() => defineMethod(rpc("CreateBook"), { run }), /the response is a test\.v1\.Book/);
    assert.throws(() => defineMethod(rpc("GetBook"), { run }), /\{ answer \} instead of \{ run \}/);
    assert.throws(
      () => defineMethod(rpc("CreateBook"), { answer: run }),
      /\{ run \} instead of \{ answer \}/,
    );
    const streaming = rpc("ReadBooks");
    assert.throws(() => defineMethod(streaming, { answer: run }), /only unary RPCs are served/);
    assert.throws(
      () => defineMethod(rpc("CreateBook"), { ...types, run, name: "wait" }),
      /belongs to the Operations/,
    );
  });
});

function parentIn(request: object): string {
  return "parent" in request ? String(request.parent) : "";
}
