import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { type JsonObject, type JsonValue, toJson } from "@bufbuild/protobuf";
import { libraryService, methodOf } from "../../../../test/support/library-protos.ts";
import { StatusError } from "../../../core/error/error.ts";
import { bindingsOf } from "../../../protos/http-rule/binding.ts";
import { typesOfFiles } from "../../../protos/method/imported-types.ts";
import { parseQuery } from "../query.ts";
import { requestMessage } from "./request-message.ts";

const service = libraryService();
const types = typesOfFiles([service.file]);

interface Sent {
  readonly values?: readonly string[];
  readonly query?: string;
  readonly body?: JsonObject;
  /** The index of the RPC's binding. */
  readonly at?: number;
}

/** The request of a call, as JSON. */
function request(name: string, { values = [], query = "", body = {}, at = 0 }: Sent): JsonValue {
  const rpc = methodOf(service, name);
  const binding = bindingsOf(rpc)[at];
  assert.ok(binding !== undefined);
  const message = requestMessage(binding, { values, query: parseQuery(query), body }, types);
  return toJson(rpc.input, message, { registry: types });
}

function refusal(name: string, sent: Sent): { readonly reason: string; readonly message: string } {
  try {
    return { reason: "", message: JSON.stringify(request(name, sent)) };
  } catch (error) {
    assert.ok(error instanceof StatusError, String(error));
    return { reason: error.reason ?? "", message: error.message };
  }
}

suite("requestMessage() puts together", () => {
  const cases: readonly (readonly [what: string, name: string, sent: Sent, json: object])[] = [
    ["the path", "GetBook", { values: ["shelves/a/books/b"] }, { name: "shelves/a/books/b" }],
    ["a single segment, decoded", "GetBook", { values: ["a%2Fb%20c"], at: 2 }, { isbn: "a/b c" }],
    [
      "several segments, slashes as they were",
      "GetBook",
      { values: ["shelves/a%2Fb/books/c%20d"] },
      { name: "shelves/a%2Fb/books/c d" },
    ],
    ["numbers in the path", "ListPages", { values: ["s", "7"] }, { shelf: "s", edition: 7 }],
    [
      "parameters in camel and snake case",
      "ListBooks",
      { values: ["shelves/a"], query: "pageSize=5&page_token=t" },
      { parent: "shelves/a", pageSize: 5, pageToken: "t" },
    ],
    [
      "parameters of nested messages, of every type",
      "ListBooks",
      {
        query:
          "like.author.givenName=G&like.author.teacher.family_name=F&like.binding=HARDCOVER&like.copies=9007199254740993" +
          "&like.lent=true&like.digest=_-8&like.weight=1.5&like.createTime=2026-01-01T00:00:00Z&like.loan=3s" +
          "&like.price=7&like.motto=m&like.tags=a&like.tags=b&like.bindings=1&like.bindings=PAPERBACK",
      },
      {
        like: {
          author: { givenName: "G", teacher: { familyName: "F" } },
          binding: "HARDCOVER",
          copies: "9007199254740993",
          lent: true,
          digest: "/+8=",
          weight: 1.5,
          createTime: "2026-01-01T00:00:00Z",
          loan: "3s",
          price: "7",
          motto: "m",
          tags: ["a", "b"],
          bindings: ["HARDCOVER", "PAPERBACK"],
        },
      },
    ],
    ["repeated parameters", "ListBooks", { query: "ids=1&ids=2" }, { ids: ["1", "2"] }],
    [
      "the last of a repeated parameter that is no list",
      "ListBooks",
      { query: "pageSize=1&pageSize=2" },
      { pageSize: 2 },
    ],
    ["nothing for parameters without a value", "ListBooks", { query: "pageSize=&like.loan=" }, {}],
    [
      "a field of the body beside parameters",
      "CreateBook",
      { values: ["shelves/a"], query: "bookId=b", body: { title: "t" } },
      { parent: "shelves/a", bookId: "b", book: { title: "t" } },
    ],
    ["an empty body", "CreateBook", { values: ["shelves/a"] }, { parent: "shelves/a", book: {} }],
    [
      "the path, which has the last word about a field of the body",
      "UpdateBook",
      {
        values: ["shelves/a/books/b"],
        query: "updateMask=title,pageCount",
        body: { name: "other", title: "t" },
      },
      { book: { name: "shelves/a/books/b", title: "t" }, updateMask: "title,pageCount" },
    ],
    [
      "the whole body, with the path inside one of its messages",
      "UpdateBook",
      {
        at: 1,
        values: ["shelves/a/books/b"],
        body: { book: { name: "other", title: "t" }, update_mask: "title" },
      },
      { book: { name: "shelves/a/books/b", title: "t" }, updateMask: "title" },
    ],
    [
      "the path over the query",
      "GetBook",
      { values: ["shelves/a/books/b"], query: "name=other&isbn=i" },
      { name: "shelves/a/books/b", isbn: "i" },
    ],
    [
      "an Any of a known type",
      "CreateBook",
      { body: { note: { "@type": "type.googleapis.com/library.v1.Author", givenName: "G" } } },
      { book: { note: { "@type": "type.googleapis.com/library.v1.Author", givenName: "G" } } },
    ],
  ];
  for (const [what, name, sent, json] of cases) {
    test(what, () => {
      const {
        values = name === "ListPages" ? ["s", "1"] : name === "GetBook" && sent.at === 2 ? ["i"] : [""],
      } = sent;
      assert.deepEqual(request(name, { ...sent, values }), json);
    });
  }
});

suite("requestMessage() refuses", () => {
  const cases: readonly (readonly [
    what: string,
    name: string,
    sent: Sent,
    reason: string,
    message: RegExp,
  ])[] = [
    [
      "unknown parameters",
      "ListBooks",
      { query: "foo=1&like.nope=2" },
      "PARAMETER_INVALID",
      /Unknown name "foo": Cannot bind query parameter.*\n.*"like\.nope"/,
    ],
    [
      "parameters that are messages, maps or go through lists",
      "ListBooks",
      { query: "like=x&like.labels=a&like.sequels.title=t" },
      "PARAMETER_INVALID",
      /"like".*\n.*"like\.labels".*\n.*"like\.sequels\.title"/,
    ],
    [
      "parameters where the body is everything",
      "ScanBook",
      { query: "pages=1" },
      "PARAMETER_INVALID",
      /Unknown name "pages"/,
    ],
    [
      "parameters that the body has",
      "CreateBook",
      { query: "book.title=t" },
      "PARAMETER_INVALID",
      /Unknown name "book\.title"/,
    ],
    [
      "a value of another type",
      "ListBooks",
      { query: "pageSize=x&ids=y" },
      "PARAMETER_INVALID",
      /'page_size' \(TYPE_INT32\), "x"\nInvalid value at 'ids' \(TYPE_INT64\), "y"/,
    ],
    [
      "a value out of range",
      "ListBooks",
      { query: "pageSize=2147483648" },
      "PARAMETER_INVALID",
      /'page_size' \(TYPE_INT32\)/,
    ],
    [
      "two of a oneof",
      "ListBooks",
      { query: "like.room=a&like.desk=b" },
      "PARAMETER_INVALID",
      /cannot be set together/,
    ],
    [
      "a path of another type",
      "ListPages",
      { values: ["s", "first"] },
      "PARAMETER_INVALID",
      /'edition' \(TYPE_INT32\), "first"/,
    ],
    [
      "a path that is not UTF-8",
      "GetBook",
      { values: ["shelves/%ff/books/b"] },
      "NAME_INVALID",
      /not percent-encoded UTF-8/,
    ],
    [
      "a body where there is none",
      "PurgeShelf",
      { values: ["shelves/a"], body: { force: true } },
      "REQUEST_INVALID",
      /Unknown name "force": Cannot find field/,
    ],
    [
      "unknown fields of the body, by their path",
      "CreateBook",
      { body: { nope: 1 } },
      "REQUEST_INVALID",
      /Unknown name "nope" at 'book': Cannot find field/,
    ],
    [
      "values of another type in the body",
      "ScanBook",
      { body: { pages: "many" } },
      "REQUEST_INVALID",
      /'pages' \(TYPE_INT32\), "many"/,
    ],
    [
      "names of parameters without an end",
      "ListBooks",
      { query: `like${".author.teacher".repeat(4_000)}.givenName=x` },
      "PARAMETER_INVALID",
      /Unknown name/,
    ],
  ];
  for (const [what, name, sent, reason, message] of cases) {
    test(what, () => {
      const found = refusal(name, { values: [""], ...sent });
      assert.equal(found.reason, reason, found.message);
      assert.match(found.message, message);
    });
  }
});

test("requestMessage() answers any input with a message or a StatusError", () => {
  const word = fc.oneof(
    fc.constantFrom(
      "like",
      "author",
      "teacher",
      "sequels",
      "ids",
      "pageSize",
      "loan",
      "digest",
      "__proto__",
      "room",
    ),
    fc.string({ maxLength: 4 }),
  );
  const name = fc.array(word, { minLength: 1, maxLength: 4 }).map((words) => words.join("."));
  const text = fc.oneof(
    fc.string({ maxLength: 6 }),
    fc.constantFrom("1", "-1", "1e400", "true", "3s", "NaN", "null"),
  );
  const query = fc.array(fc.tuple(name, text), { maxLength: 5 });
  const value = fc.letrec((tie) => ({
    json: fc.oneof(
      { maxDepth: 4 },
      fc.jsonValue({ maxDepth: 1 }),
      fc.dictionary(word, tie("json"), { maxKeys: 4 }),
    ),
  })).json;
  const body = fc.dictionary(word, value, { maxKeys: 4 });
  fc.assert(
    fc.property(
      fc.constantFrom("ListBooks", "CreateBook", "PurgeShelf"),
      query,
      body,
      (rpc, parameters, json) => {
        const sent = new URLSearchParams(parameters).toString();
        const { reason } = refusal(rpc, { values: ["shelves/a"], query: sent, body: json as JsonObject });
        assert.ok(["", "PARAMETER_INVALID", "REQUEST_INVALID"].includes(reason), reason);
      },
    ),
    { numRuns: 1_000 },
  );
});
