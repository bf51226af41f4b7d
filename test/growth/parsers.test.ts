import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { parseDurationMs } from "../../src/core/value/duration.ts";
import type { StatusError } from "../../src/core/error/error.ts";
import { parseFilter } from "../../src/core/filter/parser.ts";
import { Violations } from "../../src/core/error/violations.ts";
import { canonicalJson } from "../../src/core/value/json.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { listOrderOf } from "../../src/core/list/order.ts";
import { checkParent, parseName } from "../../src/core/operation/name.ts";
import { hostIn } from "../../src/server/listening/host.ts";
import { jsonObjectOf } from "../../src/server/json-object.ts";
import { boundaryOf, parseMultipart, parseSection } from "../../src/server/rest/batch/multipart.ts";
import { prefersGzip } from "../../src/server/rest/compression.ts";
import { readMask } from "../../src/server/rest/field-mask.ts";
import { parseMask } from "../../src/server/rest/mask.ts";
import { maskJson } from "../../src/server/rest/mask-selection.ts";
import { bodyKindOf } from "../../src/server/rest/media-type.ts";
import { decodeButSlashes } from "../../src/server/rest/percent-encoding.ts";
import { CallParameters, parseQuery } from "../../src/server/rest/query.ts";
import { preferenceOf } from "../../src/server/rest/prefer.ts";
import { successReply } from "../../src/server/rest/reply.ts";
import { routeOf } from "../../src/server/rest/router.ts";
import { errorFormatOf, readSystemParameters } from "../../src/server/rest/system-parameters.ts";
import { pathsIn, protoPath } from "../../src/protos/field-mask/path.ts";
import { parseTemplate } from "../../src/protos/http-rule/template.ts";
import { escapeJson } from "../../src/core/value/escape-json.ts";
import { indentJson } from "../../src/wire/indent.ts";
import { growthOf } from "./growth.ts";

/** A text of a given size: `first`, as many of `unit` as fit, `last`. */
const of =
  (unit: string, first = "", last = "") =>
  (size: number): string =>
    first + unit.repeat(Math.max(1, Math.floor((size - first.length - last.length) / unit.length))) + last;

/** A text of a given size in which each unit has its number. */
const numbered =
  (unit: (index: number) => string, first = "", last = "") =>
  (size: number): string => {
    const pieces: string[] = [];
    for (let length = first.length + last.length; length < size; length += pieces.at(-1)?.length ?? 0)
      pieces.push(unit(pieces.length));
    return first + pieces.join("") + last;
  };

type Make = (size: number) => string;

/**
 * The parsers of callers' texts: for each the longest text that reaches it, in characters, and
 * shapes that are difficult for it.
 */
interface Parser {
  readonly run: (text: string) => unknown;
  readonly largest: number;
  readonly shapes: readonly Make[];
}

const { bodyBytesMax, headerBytesMax, filterLengthMax, batchBytesMax } = LIMITS;
const ROUTES = { versions: new Set(["v1"]) };
const multipart = (text: string): unknown => [
  ...parseMultipart(Buffer.from(text, "latin1"), "b", LIMITS.batchCallsMax),
];
const document = JSON.stringify({
  a: Array.from({ length: 2_000 }, (_, index) => ({ [`a${index}`]: { b: index }, c: { d: [1, 2] } })),
});

const PARSERS: Readonly<Record<string, Parser>> = {
  "field mask": {
    run: (text) => readMask(text, "ListOperationsResponse"),
    largest: bodyBytesMax,
    shapes: [
      numbered((index) => `a/${index},`),
      numbered((index) => `operations/response/a${index},`),
      of("a("),
      of("*/"),
      of("*(a,b),"),
      of("a,"),
      of("a"),
      of(" "),
      of(")", "a"),
      numbered((index) => `*/a${index},`),
    ],
  },
  "field mask on an answer": {
    run: (text) => maskJson(document, parseMask(text)),
    largest: headerBytesMax,
    shapes: [
      numbered((index) => `,a${index}/b,*/x${index}`, "a(b", ")"),
      numbered((index) => `,*(a${index},*(b))`, "a(b", ")"),
    ],
  },
  "mask of an update": {
    run: (text) => pathsIn(text).map((path) => protoPath(path, undefined)),
    largest: bodyBytesMax,
    shapes: [of("a,"), of("a."), of("`"), of("`,"), of("aB"), of(" ,"), of("a_")],
  },
  query: {
    run: (text) => new CallParameters(parseQuery(text), ["pageSize"]),
    largest: bodyBytesMax,
    shapes: [
      of("a&"),
      of("&"),
      of("="),
      of("a=%20&"),
      of("_a"),
      of("%"),
      of("+"),
      of("page_size=1&"),
      numbered((index) => `a${index}&`),
    ],
  },
  "system parameters": {
    run: (text) => {
      const query = parseQuery(text);
      errorFormatOf(query, {});
      return readSystemParameters(query, {});
    },
    largest: bodyBytesMax,
    shapes: [of("$.xgafv=2&"), of("alt=json&"), of("fields=a&"), of(" ", "alt="), of("x", "quotaUser=")],
  },
  JSON: {
    run: (text) => canonicalJson(jsonObjectOf(text)),
    largest: bodyBytesMax,
    shapes: [
      of("[", '{"a":'),
      of("[],", '{"a":[', "1]}"),
      of("1,", '{"a":[', "1]}"),
      of("1", '{"a":', "}"),
      of("1e9,", '{"a":[', "1]}"),
      of("9", '{"a":1e', "}"),
      of("\\u0041", '{"a":"', '"}'),
      of("\\", '{"a":"', '"}'),
      of('"', '{"a":'),
      of(" "),
      of('{"__proto__":1},', '{"a":[', "1]}"),
      of("__proto__", '{"a":"', '"}'),
      numbered((index) => `"k${index}":1,`, "{", '"a":1}'),
    ],
  },
  "answers as JSON": {
    run: (text) => escapeJson(indentJson(text)),
    largest: bodyBytesMax,
    shapes: [
      of("[", "", ""),
      of("{},", "[", "1]"),
      of('"\\\\",', "[", "1]"),
      of("\\", '"', '"'),
      of("<", '"', '"'),
      of(" "),
    ],
  },
  filter: {
    run: parseFilter,
    largest: filterLengthMax,
    shapes: [
      of("("),
      of("NOT "),
      of("a=1 "),
      of("a."),
      of("-"),
      of('"'),
      of("a AND "),
      of("\\", '"', '"'),
      of("*", 'a="', '"'),
    ],
  },
  order: {
    run: listOrderOf,
    largest: headerBytesMax,
    shapes: [of("a,"), of(" "), of("createTime desc,"), of("a.")],
  },
  name: { run: parseName, largest: headerBytesMax, shapes: [of("a/"), of("operations/"), of("/"), of("a")] },
  parent: {
    run: checkParent,
    largest: bodyBytesMax,
    shapes: [of("a/"), of("a"), of("/"), of("e\u0301"), of("\u{1f600}"), of("../")],
  },
  duration: {
    run: parseDurationMs,
    largest: bodyBytesMax,
    shapes: [of("1", "", "s"), of("1", "0.", "s"), of("1s"), of("."), of(" ")],
  },
  address: {
    run: (text) => routeOf("POST", `/v1/${text}`, ROUTES),
    largest: headerBytesMax,
    shapes: [
      of("a/"),
      of("a:"),
      of("operations/"),
      of("/"),
      of("%2f"),
      of(":"),
      of("a/", "", "operations:wait"),
    ],
  },
  "percent-encoding": {
    run: decodeButSlashes,
    largest: headerBytesMax,
    shapes: [of("%2f"), of("%"), of("%41"), of("%2F%")],
  },
  "template of an address": {
    run: parseTemplate,
    largest: headerBytesMax,
    shapes: [of("/a"), of("/{a=*"), of("/*"), of("/**"), of("/{a}"), of("{")],
  },
  multipart: {
    run: multipart,
    largest: batchBytesMax / 4,
    shapes: [
      of("--b\n"),
      of("--b "),
      of("\n--bx"),
      of("-"),
      of("\n"),
      of("--b\n\nGET /\n"),
      of("--b\r\n\r\n", "", "--b--"),
    ],
  },
  "headers of a part": {
    run: parseSection,
    largest: batchBytesMax / 4,
    shapes: [of("a: b\n"), of("a"), of(":"), of("\n "), of("\r\n\t"), of("\r"), of("a: b\r\n")],
  },
  boundary: {
    run: boundaryOf,
    largest: headerBytesMax,
    shapes: [
      of(";", "multipart/mixed"),
      of(" ", "multipart/mixed;"),
      of(";boundary=a ", "multipart/mixed", '"'),
      of("a", 'multipart/mixed; boundary="'),
    ],
  },
  "content type": {
    run: bodyKindOf,
    largest: headerBytesMax,
    shapes: [of(";", "application/json"), of(" "), of("a+json")],
  },
  "Accept-Encoding": {
    run: prefersGzip,
    largest: headerBytesMax,
    shapes: [of("a,"), of("gzip;q=0.1,"), of(";"), of(" "), of("gzip;q=", "")],
  },
  Prefer: {
    run: preferenceOf,
    largest: headerBytesMax,
    shapes: [of(","), of("a,"), of('"'), of('\\"', 'wait="'), of('a="\\",'), of(" ", "wait", "x")],
  },
  "If-None-Match": {
    run: (ifNoneMatch) => successReply({ json: "{}", etag: '"1"' }, { prettyPrint: true, ifNoneMatch }),
    largest: headerBytesMax,
    shapes: [of('"a",'), of("W/"), of(","), of(" ")],
  },
  Host: {
    run: hostIn,
    largest: headerBytesMax,
    shapes: [of("a"), of("a."), of("%20"), of(":"), of("[:"), of("1", "a:")],
  },
  issues: {
    run: (text) => {
      const violations = new Violations();
      for (const each of text) violations.add(() => each, each);
      return violations.error("REQUEST_INVALID");
    },
    largest: bodyBytesMax / 4,
    shapes: [of("a")],
  },
};

/** The length of the message for a refused text; 0 if it is accepted. */
function refusalBytes(run: Parser["run"], text: string): number {
  try {
    run(text);
    return 0;
  } catch (error) {
    assert.ok(error instanceof Error);
    const { message, details, metadata } = error as Partial<StatusError>;
    return JSON.stringify([message, details, metadata]).length;
  }
}

for (const [name, { run, largest, shapes }] of Object.entries(PARSERS)) {
  suite(`reading ${name} takes time in proportion to its length, and a refusal has few words:`, () => {
    for (const make of shapes) {
      test(JSON.stringify(make(24)), () => {
        assert.equal(growthOf(run, make, largest), undefined);
        assert.ok(
          refusalBytes(run, make(largest)) <= LIMITS.detailsBytesMax,
          "what it says of it is too long",
        );
      });
    }
  });
}
