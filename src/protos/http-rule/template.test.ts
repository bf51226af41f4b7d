import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { parseTemplate } from "./template.ts";

/** The text form of a template, with `{fields:start-end}` for each variable. */
function shown(text: string): string {
  const { segments, variables, verb } = parseTemplate(text);
  const path = segments.map((each) =>
    each.kind === "literal" ? each.text : { one: "*", rest: "**" }[each.kind],
  );
  const bound = variables.map(
    ({ fieldPath, start, end, isSingle }) => `${fieldPath.join(".")}@${start}-${end}${isSingle ? "!" : ""}`,
  );
  return `${path.join("/")} [${bound.join(" ")}] ${verb}`.trim();
}

suite("parseTemplate() reads", () => {
  const cases: readonly (readonly [text: string, read: string])[] = [
    ["/v1/shelves", "v1/shelves []"],
    ["/v1:pack", "v1 [] pack"],
    ["/v1/messages/{message_id}", "v1/messages/* [message_id@2-3!]"],
    ["/v1/{id=*}", "v1/* [id@1-2!]"],
    ["/v1/{kind=books}", "v1/books [kind@1-2!]"],
    ["/v1/{name=**}", "v1/** [name@1-2]"],
    ["/v1/{name=projects/*/locations/*}/instances", "v1/projects/*/locations/*/instances [name@1-5]"],
    [
      "/v1/{instance.name=projects/*/instances/*}:export",
      "v1/projects/*/instances/* [instance.name@1-5] export",
    ],
    ["/v1/{a}/{b.c}", "v1/*/* [a@1-2! b.c@2-3!]"],
    ["/v1/*/x/**", "v1/*/x/** []"],
    ["/v1/{name=**}/operations", "v1/**/operations [name@1-2]"],
    ["/v1/{name=**/operations/*}:wait", "v1/**/operations/* [name@1-4] wait"],
    ["/v1/{a=**}/{b}", "v1/**/* [a@1-2 b@2-3!]"],
    ["/v1/a%20b/%C3%A9:do-it", "v1/a b/é [] do-it"],
  ];
  for (const [text, read] of cases) test(text, () => assert.equal(shown(text), read));
});

suite("parseTemplate() refuses", () => {
  const cases: readonly (readonly [text: string, rule: RegExp])[] = [
    ["", /expected segments/],
    ["v1/shelves", /expected segments/],
    ["/", /"" is no segment/],
    ["/v1//shelves", /"" is no segment/],
    ["/v1/", /"" is no segment/],
    ["/v1/{name", /expected segments/],
    ["/v1/name}", /expected segments/],
    ["/v1/{a={b}}", /expected segments/],
    ["/v1/{}", /"" is no path of a field/],
    ["/v1/{a..b}", /no path of a field/],
    ["/v1/{a=}", /"" is no segment/],
    ["/v1/x{a}", /"x\{a\}" is no segment/],
    ["/v1/***", /no segment/],
    ["/v1/a?b", /no segment/],
    ["/v1/%zz", /no segment/],
    ["/v1/%ff", /not percent-encoded UTF-8/],
    ["/v1/**/**", /may stand once/],
    ["/v1/{a=**}/x/{b=**}", /may stand once/],
    ["/v1/{a}/{a}", /"a" is bound twice/],
    ["/v1/a:", /no segment/],
    ["/v1/a:b:c", /no segment/],
    ["/v1/a:b/c", /expected segments/],
  ];
  for (const [text, rule] of cases) {
    test(JSON.stringify(text), () => {
      assert.throws(
        () => parseTemplate(text),
        (error: Error) => error instanceof TypeError && rule.test(error.message),
      );
    });
  }
});
