import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { StatusError } from "../../core/error/error.ts";
import { parseQuery } from "./query.ts";
import {
  type AnswerSettings,
  callableName,
  callbackOf,
  checkCallback,
  errorFormatOf,
  readSystemParameters,
} from "./system-parameters.ts";

const formatOf = (query: string): number => errorFormatOf(parseQuery(query), {});
const settingsOf = (query: string): AnswerSettings => readSystemParameters(parseQuery(query), {}).settings;

function refuses(run: () => unknown, message: string): void {
  assert.throws(run, (error) => {
    assert.ok(error instanceof StatusError);
    assert.equal(error.message, message);
    return error.code === "INVALID_ARGUMENT";
  });
}

suite("errorFormatOf()", () => {
  const cases: [query: string, format: number][] = [
    ["", 2],
    ["alt=json", 2],
    ["$.xgafv=1", 1],
    ["$.xgafv=2", 2],
    ["%24.xgafv=1", 1],
    ["$.xgafv=1&$.xgafv=2", 2],
    ["$.xgafv=NOPE&$.xgafv=1", 1],
  ];
  for (const [query, format] of cases) {
    test(`"${query}" asks for v${format} (contract 3.2, 4.2)`, () => assert.equal(formatOf(query), format));
  }

  test("takes it from Firebase's header if the query has none (contract 3.2)", () => {
    const headers = { "x-goog-api-format-version": "1" };
    assert.equal(errorFormatOf([], headers), 1);
    assert.equal(errorFormatOf([["$.xgafv", "2"]], headers), 2);
    assert.equal(errorFormatOf([], { "x-goog-api-format-version": "x" }), 2);
  });

  for (const value of ["", "0", "01", "3", "NOPE"]) {
    test(`refuses "${value}" in Google's words (contract 3.2, 4.4)`, () => {
      refuses(
        () => formatOf(`$.xgafv=${value}`),
        `Invalid query parameters. Invalid value '${value}' for system query parameter : $.xgafv`,
      );
    });
  }
});

suite("readSystemParameters()", () => {
  const fine = [
    "alt=json",
    "$alt=json%3Benum-encoding=int",
    "$alt=json;enum-encoding=int",
    "alt=JSON",
    "alt=",
    "alt=json&alt=media",
    "key=k&$key=k&access_token=t&oauth_token=t&bearer_token=t",
    "quotaUser=u&$quotaUser=u&userip=i&$userProject=p",
    "uploadType=media&upload_protocol=raw",
    "trace=t&strict=true&$ct=a/b&$apiVersion=v1",
    "callback=f",
    "$httpMethod=GET",
  ];
  for (const query of fine) {
    test(`accepts ${query} (contract 3.2, 11.9)`, () => {
      const { settings, own } = readSystemParameters(parseQuery(query), {});
      const { enumsAsNumbers = false, quotaUser = "", framing, ...others } = settings;
      assert.deepEqual(others, { prettyPrint: true, fields: "" });
      assert.equal(quotaUser, query.includes("quotaUser") ? "u" : "");
      assert.equal(framing, /alt=json/i.test(query) ? "array" : undefined);
      assert.equal(enumsAsNumbers, query.includes("enum-encoding=int"));
      assert.deepEqual(own, []);
    });
  }

  for (const [query, prettyPrint] of [
    ["prettyPrint=false", false],
    ["$prettyPrint=0", false],
    ["pp=False", false],
    ["prettyPrint=true", true],
    ["prettyPrint", true],
    ["prettyPrint=false&prettyPrint=true", false],
    ["pp=0&prettyPrint=true", false],
  ] as const) {
    test(`${query} is ${prettyPrint ? "indented" : "compact"}; the first counts (contract 3.2)`, () => {
      assert.equal(settingsOf(query).prettyPrint, prettyPrint);
    });
  }

  test("takes a mask from the query, otherwise from the header (contract 3.2)", () => {
    const headers = { "x-goog-fieldmask": "done" };
    assert.equal(settingsOf("fields=name&$fields=done").fields, "name");
    assert.equal(readSystemParameters([], headers).settings.fields, "done");
    assert.equal(readSystemParameters([["fields", "name"]], headers).settings.fields, "name");
  });

  test("leaves the call's own parameters, in order", () => {
    const { own } = readSystemParameters(parseQuery("a=1&alt=json&$.xgafv=1&b=2&$b=3"), {});
    assert.deepEqual(own, [
      ["a", "1"],
      ["b", "2"],
      ["$b", "3"],
    ]);
  });

  const wrong: [query: string, message: string][] = [
    ["alt=media", 'Unsupported alt type "media" for non byte stream request.'],
    ["alt=xml", "Invalid query parameters. Invalid value 'xml' for system query parameter : alt"],
    [
      "prettyPrint=maybe",
      "Invalid query parameters. Invalid value 'maybe' for system query parameter : prettyPrint",
    ],
    [`quotaUser=${"u".repeat(41)}`, "Invalid quota user: expected at most 40 characters, got 41."],
  ];
  for (const [query, message] of wrong) {
    test(`refuses ${query} (contract 3.2)`, () => refuses(() => settingsOf(query), message));
  }
});

const timeoutOf = (value: string): number | undefined =>
  readSystemParameters([], { "x-server-timeout": value }).settings.serverTimeoutMs;

suite("readSystemParameters() reads headers:", () => {
  test("X-Server-Timeout in seconds, with a margin (contract 3.2)", () => {
    assert.equal(timeoutOf("30"), 29_750);
    assert.equal(timeoutOf("0.5"), 450);
    assert.equal(timeoutOf("0"), 0);
    refuses(
      () => timeoutOf("soon"),
      'Invalid header X-Server-Timeout: expected seconds, such as 30, got "soon".',
    );
  });

  test("X-Goog-Quota-User, with its limit, unless the query has one (contract 3.2)", () => {
    const headers = { "x-goog-quota-user": "u".repeat(41) };
    assert.throws(() => readSystemParameters([], headers));
    readSystemParameters([["quotaUser", "u"]], headers);
  });

  test("and ignores those that have no meaning here (contract 3.2)", () => {
    const headers = { "x-goog-api-key": "k", "x-goog-user-project": "p", "x-goog-api-version": "v1" };
    assert.deepEqual(readSystemParameters([], headers).settings, { prettyPrint: true, fields: "" });
  });
});

suite("callbacks", () => {
  const cases: [query: string, method: string, callback: string | undefined][] = [
    ["callback=f", "GET", "f"],
    ["$callback=f&callback=g", "GET", "f"],
    ["callback=f&alt=JSON", "GET", "f"],
    ["callback=f&alt=", "GET", "f"],
    ["callback=f&alt=media", "GET", undefined],
    ["callback=", "GET", undefined],
    ["callback=f", "POST", undefined],
    ["callback=f", "HEAD", undefined],
  ];
  for (const [query, method, callback] of cases) {
    test(`${method} ?${query} calls ${callback ?? "nothing"} (contract 3.2)`, () =>
      assert.equal(callbackOf(parseQuery(query), method), callback));
  }

  test("have names of a few characters, and others are refused (contract 3.2)", () => {
    for (const name of ["f", "a.b[0].$c_D", ".", "1"]) checkCallback(name, true);
    refuses(
      () => checkCallback("f(x)", true),
      "Invalid JSONP callback name: 'f(x)'; only alphabet, number, '_', '$', '.', '[' and ']' are allowed.",
    );
    assert.equal(callableName("alert(1)//"), "alert1");
    assert.equal(callableName("()"), "callback");
  });

  test("are refused if JSONP is off", () => {
    refuses(
      () => checkCallback("f", false),
      "JSONP is off on this server; leave the parameter callback out, or ask its operator for the setting jsonp.",
    );
  });
});
