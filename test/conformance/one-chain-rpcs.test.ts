import assert from "node:assert/strict";
import { before, suite, test } from "node:test";
import { create, type DescMethodUnary, toBinary } from "@bufbuild/protobuf";
import { openRpcs } from "../../src/assembly/rpcs.ts";
import { typedCalls } from "../../src/assembly/typed-calls.ts";
import { callerText } from "../../src/core/caller.ts";
import { TestPolicy } from "../../src/engine/policy.suite.ts";
import { defineMethod } from "../../src/proto.ts";
import { type GrpcTest, openGrpcTest } from "../../src/server/grpc/grpc-server.suite.ts";
import { descriptorsOf, serviceOf } from "../support/descriptors.ts";

/** An RPC that starts an operation and one that is answered at once, each bound to HTTP. */
const PROTO = `
  syntax = "proto3";
  package test.v1;
  import "google/api/annotations.proto";
  import "google/longrunning/operations.proto";
  service Library {
    rpc CreateBook(CreateBookRequest) returns (google.longrunning.Operation) {
      option (google.api.http) = { post: "/v1/{parent=projects/*}/books" body: "*" };
      option (google.longrunning.operation_info) = { response_type: "Book" metadata_type: "Book" };
    }
    rpc GetBook(Book) returns (Book) { option (google.api.http) = { get: "/v1/{name=books/*}" }; }
  }
  message CreateBookRequest { string parent = 1; string title = 2; }
  message Book { string name = 1; }`;

/** The RPCs: how each is called, and the chain's entry for it. */
const CALLS = [
  {
    name: "CreateBook",
    http: ["POST", "/v1/projects/p/books"],
    message: { parent: "projects/p" },
    told: "start projects/p createBook",
  },
  { name: "GetBook", http: ["GET", "/v1/books/b"], message: { name: "books/b" }, told: "answer  getBook" },
] as const;

type Rpcs = Readonly<Record<(typeof CALLS)[number]["name"], DescMethodUnary>>;

/** How a call ended: `OK`, or the code of its error as REST names it. */
type Send = (server: GrpcTest, call: (typeof CALLS)[number]) => Promise<string>;

async function overRest({ listening }: GrpcTest, { http: [method, path] }: (typeof CALLS)[number]) {
  const body = method === "POST" ? { body: "{}", headers: { "content-type": "application/json" } } : {};
  const response = await fetch(`http://127.0.0.1:${listening.port}${path}`, { method, ...body });
  const { error } = (await response.json()) as { readonly error?: { readonly status: string } };
  return error?.status ?? "OK";
}

suite("one chain around RPCs that protos declare", () => {
  let rpcs: Rpcs;
  before(() => {
    const [CreateBook, GetBook] = serviceOf(descriptorsOf(PROTO), "test.v1.Library").methods;
    rpcs = { CreateBook, GetBook } as unknown as Rpcs;
  });

  async function open() {
    const policy = new TestPolicy();
    /** The caller of the method that is answered at once. */
    const answered: string[] = [];
    const book = { response: rpcs.GetBook.output, metadata: rpcs.GetBook.output };
    const createBook = defineMethod(rpcs.CreateBook, { ...book, run: () => ({}) });
    const getBook = defineMethod(rpcs.GetBook, {
      answer: (_request, context) => (answered.push(context.caller.principal), {}),
    });
    const server = await openGrpcTest({ policy, methods: [createBook, getBook], openRpcs });
    /** The operations that exist. This read must have no entry in the chain. */
    const started = async () => {
      const { refusing } = policy;
      policy.refusing = undefined;
      const { operations } = await typedCalls(server.engine.operations).list({ parent: "projects/-" });
      policy.refusing = refusing;
      policy.takenByEach();
      return operations;
    };
    const close = async (): Promise<void> => server[Symbol.asyncDispose]();
    return { server, policy, answered, started, [Symbol.asyncDispose]: close };
  }

  const overGrpc: Send = async ({ client }, { name, message }) => {
    const bytes = toBinary(rpcs[name].input, create(rpcs[name].input, message));
    const sent = client.bytes(`/test.v1.Library/${name}`, bytes).then(() => undefined);
    const codes: Readonly<Record<number, string>> = { 7: "PERMISSION_DENIED", 8: "RESOURCE_EXHAUSTED" };
    return sent.then(
      () => "OK",
      (error: { readonly code: number }) => codes[error.code] ?? String(error.code),
    );
  };

  for (const [way, send] of Object.entries({ "HTTP bindings": overRest, gRPC: overGrpc }))
    for (const call of CALLS) {
      const { name, told } = call;
      test(`${name} over ${way} is refused with the authorizer's error or the quota's, and not executed`, async () => {
        await using opened = await open();
        for (const [refusing, code, quotas] of [
          ["authorizer", "PERMISSION_DENIED", []],
          ["quotas", "RESOURCE_EXHAUSTED", [told]],
        ] as const) {
          opened.policy.refusing = refusing;
          assert.equal(await send(opened.server, call), code);
          const ended = [`${told} ${code}`];
          assert.deepEqual(opened.policy.takenByEach(), {
            authorizer: [told],
            quotas,
            audit: ended,
            observer: ended,
          });
        }
        assert.deepEqual([await opened.started(), opened.answered], [[], []]);
      });

      test(`${name} over ${way} is executed once, with one entry in each port, if it is allowed`, async () => {
        await using opened = await open();
        assert.equal(await send(opened.server, call), "OK");
        const one = [told];
        assert.deepEqual(opened.policy.takenByEach(), {
          authorizer: one,
          quotas: one,
          audit: one,
          observer: one,
        });
        const count = (await opened.started()).length + opened.answered.length;
        assert.equal(count, 1);
      });
    }

  test("tell their methods the caller", async () => {
    await using opened = await open();
    for (const send of [overRest, overGrpc]) {
      await send(opened.server, CALLS[1]);
      assert.equal(opened.answered.pop(), "anonymous");
      await send(opened.server, CALLS[0]);
      const [operation] = await opened.started();
      const kept = await opened.server.store.read(operation?.name.split("/").at(-1) ?? "");
      assert.equal(kept?.caller, callerText({ principal: "anonymous", tenant: null }));
    }
  });
});
