import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { StatusError } from "../../core/error/error.ts";
import { LIMITS } from "../../core/limits.ts";
import { CallParameters, lowerCamelCase, parseQuery, protoDurationMs, type QueryParameter } from "./query.ts";

function refusalOf(run: () => unknown): StatusError {
  try {
    run();
  } catch (error) {
    if (error instanceof StatusError) return error;
    throw error;
  }
  throw new assert.AssertionError({ message: "nothing was refused" });
}

suite("parseQuery()", () => {
  const cases: [sentence: string, text: string, expected: QueryParameter[]][] = [
    ["reads nothing from a bare ? (contract 6.3)", "", []],
    ["skips empty pieces", "&a=1&&", [["a", "1"]]],
    [
      "decodes names and values, plus and percent (contract 6.4)",
      "%24.xgafv=1&f=a+b%2Bc",
      [
        ["$.xgafv", "1"],
        ["f", "a b+c"],
      ],
    ],
    ["keeps = and / in values (contract 2.5)", "pageToken=tok/%2B%3D=", [["pageToken", "tok/+=="]]],
    [
      "keeps a raw ; in a value (contract 3.2)",
      "$alt=json;enum-encoding=int",
      [["$alt", "json;enum-encoding=int"]],
    ],
    ["reads a name without a value as empty", "a", [["a", ""]]],
    [
      "keeps the order of what is repeated",
      "a=1&a=2",
      [
        ["a", "1"],
        ["a", "2"],
      ],
    ],
  ];
  for (const [sentence, text, expected] of cases) {
    test(sentence, () => assert.deepEqual(parseQuery(text), expected));
  }

  test("accepts a limited number of parameters", () => {
    const { parametersMax } = LIMITS;
    assert.equal(parseQuery("a&&".repeat(parametersMax)).length, parametersMax);
    const error = refusalOf(() => parseQuery("a&".repeat(parametersMax + 1)));
    assert.equal(error.message, "Too many parameters: expected at most 4096.");
  });

  for (const text of ["a=%", "a=%ff", "%zz=1"]) {
    test(`refuses ${text}`, () =>
      assert.equal(refusalOf(() => parseQuery(text)).reason, "PARAMETER_INVALID"));
  }
});

function pageSize(value: string): number | undefined {
  return new CallParameters([["pageSize", value]], ["pageSize"]).int32("pageSize", "PAGE_SIZE_INVALID");
}

function truth(value: string): boolean | undefined {
  return new CallParameters([["a", value]], ["a"]).boolean("a");
}

suite("CallParameters", () => {
  test("refuses unknown names in Google's words, with a BadRequest (contract 3.1)", () => {
    const error = refusalOf(() => new CallParameters([["parent", "p"]], ["name"]));
    const description =
      "Invalid JSON payload received. Unknown name \"parent\": Cannot bind query parameter. Field 'parent' could not be found in request message.";
    assert.equal(error.message, description);
    assert.deepEqual(error.details, [
      { "@type": "type.googleapis.com/google.rpc.BadRequest", fieldViolations: [{ description }] },
    ]);
  });

  test("joins several unknown names with a line break (contract 3.1)", () => {
    const error = refusalOf(
      () =>
        new CallParameters(
          [
            ["a", ""],
            ["b", ""],
          ],
          [],
        ),
    );
    assert.equal(error.message.split("\n").length, 2);
  });

  test("lists a bounded number of unknown names, however many there are", () => {
    const { parametersMax, violationsMax, messageLengthMax } = LIMITS;
    const query = parseQuery("a&".repeat(parametersMax));
    const error = refusalOf(() => new CallParameters(query, []));
    assert.ok(error.message.length <= messageLengthMax);
    assert.match(error.message, /\nand 40\d\d more$/);
    const told = error.details[0]?.["fieldViolations"] as unknown[];
    assert.equal(told.length, violationsMax);
  });

  test("understands both spellings (contract 3.1)", () => {
    for (const name of ["pageToken", "page_token"]) {
      assert.equal(new CallParameters([[name, "t"]], ["pageToken"]).text("pageToken"), "t");
    }
  });

  test("uses the last of repeated values", () => {
    assert.equal(
      new CallParameters(
        [
          ["a", "1"],
          ["a", "2"],
        ],
        ["a"],
      ).text("a"),
      "2",
    );
  });

  test("reads numbers, and says what a wrong one should be (contract 4.4)", () => {
    assert.equal(pageSize("10"), 10);
    assert.equal(pageSize("-1"), -1);
    assert.equal(pageSize(""), undefined);
    for (const value of ["abc", "1.5", "1e3", "99999999999", " 1"]) {
      const error = refusalOf(() => pageSize(value));
      assert.equal(error.message, `Invalid value at 'page_size' (TYPE_INT32), "${value}"`);
      assert.equal(error.reason, "PAGE_SIZE_INVALID");
    }
  });

  test("reads booleans", () => {
    assert.deepEqual(["true", "1", "True"].map(truth), [true, true, true]);
    assert.deepEqual(["false", "0", ""].map(truth), [false, false, undefined]);
    assert.equal(refusalOf(() => truth("yes")).message, `Invalid value at 'a' (TYPE_BOOL), "yes"`);
  });
});

suite("protoDurationMs()", () => {
  for (const [value, ms] of [
    ["5s", 5_000],
    ["0s", 0],
    ["3.5s", 3_500],
    ["0.0005s", 1],
  ] as const) {
    test(`reads ${value}`, () => assert.equal(protoDurationMs("timeout", value, "PARAMETER_INVALID"), ms));
  }
  for (const value of ["5", "-5s", "5ms", "1m", "s", "", " 5s", 5, null, { seconds: 5 }]) {
    test(`refuses ${JSON.stringify(value)}`, () => {
      const error = refusalOf(() => protoDurationMs("timeout", value, "PARAMETER_INVALID"));
      assert.match(
        error.message,
        /^Invalid value at 'timeout' \(type\.googleapis\.com\/google\.protobuf\.Duration\)/,
      );
    });
  }
});

test("lowerCamelCase() spells names as in JSON, and leaves texts unchanged that are too long for a name", () => {
  assert.equal(lowerCamelCase("page_size"), "pageSize");
  assert.equal(lowerCamelCase("pageSize"), "pageSize");
  assert.equal(lowerCamelCase("_a".repeat(100)), "_a".repeat(100));
});
