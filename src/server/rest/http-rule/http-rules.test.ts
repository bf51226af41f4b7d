import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { PERMISSIONS } from "../../../core/permission.ts";
import { type DescMethodUnary, fromBinary, fromJson, type Message } from "@bufbuild/protobuf";
import { google } from "googleapis";
import { ANONYMOUS } from "../../../core/caller.ts";
import { descriptorsOf, REDIS_PROTOS, serviceOf } from "../../../../test/support/descriptors.ts";
import { libraryService, methodOf, unaryMethods } from "../../../../test/support/library-protos.ts";
import { OperationSchema } from "../../../wire/gen/google/longrunning/operations_pb.ts";
import { serviceError } from "../../../core/error/error.ts";
import type { Rpc } from "../../rpc/rpc.ts";
import { openRestServer, type RestServer } from "../rest-server.suite.ts";
import { HttpRules } from "./http-rules.ts";

const library = libraryService();

/** A method that returns its request's type, and records its requests. */
function echo(desc: DescMethodUnary, asked: string[]): Rpc {
  return {
    desc,
    permission: PERMISSIONS.answer,
    call: async (request: Message) => {
      const { name = "", isbn = "" } = request as { name?: string; isbn?: string };
      asked.push(desc.name);
      if (isbn === "none") throw serviceError("PATH_NOT_FOUND", "No such book.");
      const book = { name: name || isbn, binding: 1, author: { givenName: "G" } };
      return { message: fromJson(desc.output, desc.output.name === "Book" ? book : {}) };
    },
  };
}

interface Library extends AsyncDisposable {
  readonly server: RestServer;
  readonly asked: readonly string[];
}

/** A server with the library; `ScanBook` starts an operation of the server's own method. */
async function openLibrary(): Promise<Library> {
  const asked: string[] = [];
  const started: { server?: RestServer } = {};
  const scan: Rpc = {
    desc: methodOf(library, "ScanBook"),
    permission: PERMISSIONS.start,
    call: async () => {
      const operations = started.server?.engine.operations ?? assert.fail();
      const request = { directory: "/a" };
      return {
        operation: await operations.start(ANONYMOUS, {
          method: "createArchive",
          parent: "shelves/a",
          request,
        }),
      };
    },
  };
  const others = unaryMethods(library).filter(({ name }) => name !== "ScanBook");
  const rpcs = new HttpRules([scan, ...others.map((desc) => echo(desc, asked))]);
  const server = await openRestServer(undefined, { rpcs });
  started.server = server;
  return { server, asked, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

const BOOK = "/v1/shelves/a/books/b";

/** A call as a part of a batch. */
function part(call: string): string {
  return `--b\r\nContent-Type: application/http\r\n\r\n${call}\r\n`;
}

/** A method that is never called. */
function never(desc: DescMethodUnary): Rpc {
  return { ...echo(desc, []), call: () => Promise.reject(new Error("not called")) };
}

suite("HttpRules over REST:", () => {
  const calls: readonly (readonly [call: string, rpc: string, body?: string])[] = [
    [`GET ${BOOK}`, "GetBook"],
    [`HEAD ${BOOK}`, "GetBook"],
    ["GET /v1beta1/shelves/a/books/b", "GetBook"],
    ["GET /v1/isbn/1%2F2", "GetBook"],
    ["GET /v1/files/a/b/c", "GetFile"],
    ["GET /v1/shelves/a/books?pageSize=2", "ListBooks"],
    ["POST /v1/shelves/a/books?bookId=b", "CreateBook", '{"title":"t"}'],
    [`PATCH ${BOOK}?updateMask=title`, "UpdateBook", '{"title":"t"}'],
    [`PUT ${BOOK}`, "UpdateBook", '{"book":{"title":"t"},"updateMask":"title"}'],
    [`DELETE ${BOOK}`, "DeleteBook"],
    ["POST /v1/shelves/a:purge", "PurgeShelf"],
    ["POST /v1/shelves/a:purge", "PurgeShelf", "{}"],
    [`GET ${BOOK}/cover`, "GetCover"],
    [`LOCK ${BOOK}`, "LockBook"],
  ];
  for (const [call, rpc, body] of calls) {
    test(`${call} ${body ?? ""} is ${rpc}`, async () => {
      await using opened = await openLibrary();
      const [method = "", path = ""] = call.split(" ");
      const { status, text } = await opened.server.call(method, path, body === undefined ? {} : { body });
      assert.equal(status, 200, text);
      assert.deepEqual(opened.asked, [rpc]);
    });
  }

  test("an RPC that starts an operation returns it with its ETag, and it exists under every version", async () => {
    await using opened = await openLibrary();
    const { server } = opened;
    const started = await server.call("POST", `${BOOK}:scan`, { body: '{"pages":2}' });
    assert.match(started.json?.name ?? "", /^shelves\/a\/operations\//);
    assert.match(started.headers.get("etag") ?? "", /^W\//);
    for (const version of ["v1", "v1beta1"]) {
      const got = await server.call("GET", `/${version}/${started.json?.name}`);
      assert.equal(got.json?.name, started.json?.name);
    }
    assert.equal((await server.call("GET", `/v2/${started.json?.name}`)).status, 404);
    const bytes = await fetch(`${server.url}${BOOK}:scan?alt=proto`, { method: "POST", body: "{}" });
    const { name } = fromBinary(OperationSchema, new Uint8Array(await bytes.arrayBuffer()));
    assert.match(name, /^shelves\/a\/operations\//);
  });

  test("an RPC that starts an operation supports Prefer, others do not (RFC 7240)", async () => {
    await using opened = await openLibrary();
    const headers = { prefer: "respond-async" };
    const { server } = opened;
    const started = await server.call("POST", `${BOOK}:scan`, { body: '{"pages":3}', headers });
    assert.equal(started.status, 202);
    const location = started.headers.get("location") ?? "";
    assert.equal(location, `${server.url}/v1/${started.json?.name}`);
    assert.equal((await server.call("GET", new URL(location).pathname)).json?.name, started.json?.name);
    assert.equal((await server.call("GET", BOOK, { headers })).status, 200);
  });

  test("field masks apply to answers, and are checked before anything is called", async () => {
    await using opened = await openLibrary();
    const { server, asked } = opened;
    assert.equal(
      (await server.call("GET", `${BOOK}?fields=name&prettyPrint=false`)).text,
      '{"name":"shelves/a/books/b"}',
    );
    assert.equal(
      (await server.call("GET", `${BOOK}?fields=author/givenName&prettyPrint=false`)).text,
      '{"author":{"givenName":"G"}}',
    );
    assert.equal((await server.call("GET", `${BOOK}?fields=nope`)).status, 400);
    assert.equal(asked.length, 2);
  });

  test("enums are numbers on request", async () => {
    await using opened = await openLibrary();
    const { text } = await opened.server.call(
      "GET",
      `${BOOK}?$alt=json;enum-encoding=int&fields=binding&prettyPrint=false`,
    );
    assert.equal(text, '{"binding":1}');
  });

  test("alt=proto answers with the bytes of the message, with the mask applied", async () => {
    await using opened = await openLibrary();
    const response = await fetch(`${opened.server.url}${BOOK}?alt=proto&fields=name`);
    assert.equal(response.headers.get("content-type"), "application/x-protobuf");
    const { output } = methodOf(library, "GetBook");
    const book = fromBinary(output, new Uint8Array(await response.arrayBuffer())) as {
      name?: string;
      binding?: number;
    };
    assert.deepEqual([book.name, book.binding], ["shelves/a/books/b", 0]);
    const pages = await opened.server.call("GET", "/v1/shelves/s/editions/1/pages?alt=proto");
    assert.equal(pages.status, 400);
  });

  test("a method override works, with the body", async () => {
    await using opened = await openLibrary();
    const headers = { "x-http-method-override": "PATCH" };
    const sent = await opened.server.call("POST", BOOK, { body: '{"title":"t"}', headers });
    assert.equal(sent.status, 200);
    assert.deepEqual(opened.asked, ["UpdateBook"]);
  });

  test("calls of a batch work, with bodies of any method", async () => {
    await using opened = await openLibrary();
    const patch = `PATCH ${BOOK} HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 13\r\n\r\n{"title":"t"}`;
    const body = `${part(`GET ${BOOK}`)}${part(patch)}${part(`GET ${BOOK}?nope=1`)}--b--`;
    const headers = { "content-type": "multipart/mixed; boundary=b" };
    const { text } = await opened.server.call("POST", "/batch", { body, headers });
    const statuses = [...text.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, status]) => status);
    assert.deepEqual(statuses, ["200", "200", "400"]);
    assert.deepEqual(opened.asked.toSorted(), ["GetBook", "UpdateBook"]);
  });

  test("errors are as usual: 405 with Allow, OPTIONS, 404, and the RPC's own errors", async () => {
    await using opened = await openLibrary();
    const { server } = opened;
    const put = await server.call("POST", BOOK);
    assert.equal(put.status, 405);
    const allow = "DELETE, GET, HEAD, LOCK, PATCH, PUT";
    assert.equal(put.headers.get("allow"), allow);
    const options = await server.call("OPTIONS", BOOK);
    assert.deepEqual([options.status, options.headers.get("allow")], [204, `${allow}, OPTIONS`]);
    assert.equal((await server.call("GET", "/v1/nothing/here")).status, 404);
    const missing = await server.call("GET", "/v1/isbn/none");
    assert.deepEqual([missing.status, missing.json?.error?.message], [404, "No such book."]);
  });

  test("an unexpected body is refused, and so is one that is not JSON", async () => {
    await using opened = await openLibrary();
    const { server } = opened;
    const sent = await server.call("POST", "/v1/shelves/a:purge", { body: '{"force":true}' });
    assert.equal(sent.status, 400);
    assert.match(sent.json?.error?.message ?? "", /Unknown name "force"/);
    assert.equal((await server.call("PATCH", BOOK, { body: "{" })).status, 400);
    assert.equal((await server.call("DELETE", BOOK, { body: '{"a":1}' })).status, 400);
    assert.deepEqual(opened.asked, []);
  });

  test("a version has its document: operations and the bindings of that version", async () => {
    await using opened = await openLibrary();
    const { server } = opened;
    const { text } = await server.call("GET", "/$discovery/rest?version=v1beta1");
    const document = JSON.parse(text) as { id: string; resources: { shelves: object; operations: object } };
    assert.equal(document.id, "archive:v1beta1");
    assert.match(JSON.stringify(document.resources.shelves), /"v1beta1\/\{\+name\}"/);
    assert.doesNotMatch(JSON.stringify(document.resources), /"v1\//);
    const items = (
      JSON.parse((await server.call("GET", "/discovery/v1/apis")).text) as {
        items: { id: string; preferred: boolean }[];
      }
    ).items;
    assert.deepEqual(
      items.map(({ id, preferred }) => [id, preferred]),
      [
        ["archive:v1", true],
        ["archive:v1beta1", false],
      ],
    );
    assert.equal((await server.call("GET", "/$discovery/rest?version=v9")).status, 404);
  });
});

/** The part of a discovered client that the test calls. */
interface DiscoveredLibrary {
  readonly shelves: {
    readonly purge: Call;
    readonly books: Record<"get" | "list" | "create" | "patch" | "scan", Call>;
  };
  readonly isbn: Record<"get", Call>;
  readonly operations: Record<"get", Call>;
}
type Call = (parameters: Record<string, unknown>) => Promise<{ readonly data: { readonly name?: string } }>;

test("the discovery document is enough for googleapis to call RPCs (contract 5.2, 6.4)", async () => {
  await using opened = await openLibrary();
  const { server, asked } = opened;
  const url = `${server.url}/$discovery/rest?version=v1`;
  const api = (await google.discoverAPI(url)) as unknown as DiscoveredLibrary;
  const { books } = api.shelves;
  const name = "shelves/a/books/b c";
  assert.equal((await books.get({ name })).data.name, name);
  assert.equal((await api.isbn.get({ isbn: "1/2" })).data.name, "1/2");
  await books.list({ parent: "shelves/a", pageSize: 2, ids: ["1", "2"] });
  await books.create({ parent: "shelves/a", bookId: "b", requestBody: { title: "t" } });
  await books.patch({ name, updateMask: "title", requestBody: { title: "t" } });
  await api.shelves.purge({ name: "shelves/a" });
  assert.deepEqual(asked, ["GetBook", "GetBook", "ListBooks", "CreateBook", "UpdateBook", "PurgeShelf"]);
  const { data } = await books.scan({ name, requestBody: { pages: 1 } });
  assert.equal((await api.operations.get({ name: data.name })).data.name, data.name);
});

suite("new HttpRules()", () => {
  test("accepts a whole service as Google publishes it, and finds its version", () => {
    const redis = serviceOf(descriptorsOf(REDIS_PROTOS), "google.cloud.redis.v1.CloudRedis");
    const rules = new HttpRules(unaryMethods(redis).map((desc) => never(desc)));
    assert.deepEqual(rules.versions, ["v1"]);
    assert.ok(rules.find("POST", "/v1/projects/p/locations/l/instances") !== undefined);
    assert.equal(rules.find("POST", "/v1/projects/p/instances"), undefined);
  });

  test("refuses two RPCs at one address, naming both", () => {
    const registry = descriptorsOf(`
      syntax = "proto3";
      package a;
      import "google/api/annotations.proto";
      message Q { string x = 1; string y = 2; }
      service S {
        rpc One(Q) returns (Q) { option (google.api.http) = { get: "/v1/{x=things/*}" }; }
        rpc Two(Q) returns (Q) { option (google.api.http) = { get: "/v1/things/{y}" }; }
      }
    `);
    const rpcs = unaryMethods(serviceOf(registry, "a.S")).map((desc) => never(desc));
    assert.throws(() => new HttpRules(rpcs), {
      name: "TypeError",
      message:
        "a.S.Two and a.S.One are both bound to GET /v1/things/{y} (as /v1/{x=things/*}); give one of them another path",
    });
  });

  test("ignores an RPC without a rule", () => {
    const rules = new HttpRules([never(methodOf(library, "PeekBook"))]);
    assert.deepEqual(rules.versions, []);
  });
});
