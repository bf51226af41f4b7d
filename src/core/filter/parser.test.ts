import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { anyCharacter } from "../../../test/support/any-character.ts";
import { StatusError } from "../error/error.ts";
import { LIMITS } from "../limits.ts";
import { parseFilter } from "./parser.ts";
import type { Expression } from "./syntax.ts";

/** The tree with parentheses around every expression, which shows the precedence. */
function told(expression: Expression): string {
  switch (expression.kind) {
    case "and":
    case "or":
      return `(${expression.operands.map(told).join(` ${expression.kind} `)})`;
    case "not":
      return `not ${told(expression.operand)}`;
    case "search":
      return `«${expression.literal.text}»`;
    case "restriction":
      return `${expression.path.segments.join("/")} ${expression.comparator} ${expression.literal.text}`;
  }
}

const parse = (filter: string): string => {
  const expression = parseFilter(filter);
  return expression === undefined ? "" : told(expression);
};

const nested = (depth: number): string => "(".repeat(depth) + "a" + ")".repeat(depth);

describe("parseFilter()", () => {
  const TREES: readonly (readonly [filter: string, tree: string])[] = [
    ["", ""],
    ["  ", ""],
    ["a = b", "a = b"],
    ["a=b", "a = b"],
    ["a AND b OR c", "(«a» and («b» or «c»))"],
    ["a OR b AND c OR d", "((«a» or «b») and («c» or «d»))"],
    ["a b OR c d", "(«a» and («b» or «c») and «d»)"],
    ["a b AND c", "((«a» and «b») and «c»)"],
    ["(a AND b) OR c", "((«a» and «b») or «c»)"],
    ["(a)(b) c", "(«a» and «b» and «c»)"],
    ["((a))", "«a»"],
    ["NOT a", "not «a»"],
    ["NOT (a OR b) c", "(not («a» or «b») and «c»)"],
    ["NOT(a)", "not «a»"],
    ["-a", "not «a»"],
    ["-a.b=-3", "not a/b = -3"],
    ['-"a b" -(c)', "(not «a b» and not «c»)"],
    ["a OR -b", "(«a» or not «b»)"],
    ["or and not", "(«or» and «and» and «not»)"],
    ["'AND'", "«AND»"],
    ["a.AND.OR = NOT.x", "a/AND/OR = NOT.x"],
    ['metadata."@type":x', "metadata/@type : x"],
    ["metadata.@type:type.googleapis.com/a.B", "metadata/@type : type.googleapis.com/a.B"],
    ["'a'.'b c' = 1", "a/b c = 1"],
    ["a = 1.5e-3", "a = 1.5e-3"],
    ["a<=-1 b>=2 c!=3 d<4 e>5", "(a <= -1 and b >= 2 and c != 3 and d < 4 and e > 5)"],
    ["a > 2026-01-01T00:00:00.5Z", "a > 2026-01-01T00:00:00.5Z"],
    ["a:*", "a : *"],
    ["a = (b OR c AND NOT d)", "((a = b or a = c) and not a = d)"],
    ["a:(b c)", "(a : b and a : c)"],
  ];
  for (const [filter, tree] of TREES) {
    it(`reads ${JSON.stringify(filter)}`, () => assert.equal(parse(filter), tree));
  }

  const REFUSED: readonly (readonly [filter: string, message: RegExp])[] = [
    ["a =", /character 4: expected a value after =, found the end/],
    ["a = = b", /character 5: expected a value after =, found "="/],
    ["= b", /character 1: expected a restriction/],
    ["a AND", /character 6: expected a restriction .* found the end/],
    ["AND a", /character 1: .* found "AND"/],
    ["a OR OR b", /character 6: .* found "OR"/],
    ["NOT NOT a", /character 5: .* found "NOT"/],
    ["NOT", /character 4: expected a restriction/],
    ["(a", /character 3: expected AND, OR, another restriction, or "\)", found the end/],
    ["a)", /character 2: expected AND, OR, or another restriction after a space, found "\)"/],
    ["()", /character 2: expected a restriction/],
    ["a..b = 1", /character 3: expected a field right after "\."/],
    ["a. b = 1", /character 4: expected a field right after "\."/],
    ["a=b=c", /character 4: expected AND, OR, or another/],
    ['a="b"c', /character 6: expected AND, OR, or another restriction after a space/],
    ["- a", /character 3: expected a restriction right after "-"/],
    ["f(a)", /character 1: expected no function, since this service has none/],
    ["a = math.max(1, 2)", /character 5: expected no function/],
    ["a != (b OR c)", /character 6: expected a value after !=; several/],
    ["a = (b = c)", /character 8: expected AND, OR/],
  ];
  for (const [filter, message] of REFUSED) {
    it(`refuses ${JSON.stringify(filter)}, and says where`, () => {
      assert.throws(() => parseFilter(filter), { reason: "FILTER_INVALID", message });
    });
  }

  it("limits length, terms and nesting, and never recurses deeper", () => {
    const { filterLengthMax, filterTermsMax, filterDepthMax } = LIMITS;
    parseFilter("x".repeat(filterLengthMax));
    parseFilter("x ".repeat(filterTermsMax));
    parseFilter(nested(filterDepthMax));
    parseFilter(`${nested(filterDepthMax)} ${nested(filterDepthMax)}`);
    for (const hostile of [
      "x".repeat(filterLengthMax + 1),
      "x ".repeat(filterTermsMax + 1),
      nested(filterDepthMax + 1),
      "(".repeat(filterLengthMax),
      "a = (".repeat(500),
      "-(".repeat(1_000),
      "(".repeat(10_000_000),
    ]) {
      assert.throws(() => parseFilter(hostile), { reason: "FILTER_INVALID" });
    }
  });

  it("reads any text as a filter or refuses it as one, and does nothing else", () => {
    const pieces = fc.constantFrom(
      ...`a.b = != : < ( ) , . - * "x y" 'z' NOT AND OR 1e3 \\ " 20s`.split(" "),
      " ",
    );
    const text = fc.oneof(
      fc.string({ unit: anyCharacter }),
      fc.array(pieces).map((each) => each.join("")),
    );
    fc.assert(
      fc.property(text, (filter) => {
        try {
          parseFilter(filter);
        } catch (error) {
          assert.ok(error instanceof StatusError && error.reason === "FILTER_INVALID");
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
