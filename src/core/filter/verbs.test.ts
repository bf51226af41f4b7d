import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { anOperation } from "../../testing/an-operation.ts";
import { compileFilter } from "./check.ts";
import { matches } from "./matches.ts";
import { verbsOf, withVerbs } from "./verbs.ts";

const methods = ["createBook", "createShelf", "deleteBook", "pack"].map((name) => {
  const verb = /^(?:create|delete)/.exec(name)?.[0] ?? name;
  return [name, { verb }] as const;
});
const verbs = verbsOf(new Map(methods));

/** The methods that a filter finds, among declared ones and one that no longer exists. */
function found(text: string): readonly string[] {
  const filter = compileFilter(text);
  assert.ok(filter !== undefined);
  const names = [...methods.map(([name]) => name), "moveBook"];
  return names.filter((method) => matches(withVerbs(filter, verbs), anOperation({ method })));
}

suite("withVerbs() finds methods by the verb that callers see", () => {
  const cases: readonly (readonly [filter: string, methods: readonly string[]])[] = [
    ["metadata.verb = create", ["createBook", "createShelf"]],
    ["metadata.verb = createShelf", ["createShelf"]],
    ["metadata.verb = pack", ["pack"]],
    ["metadata.verb = moveBook", ["moveBook"]],
    ["metadata.verb != create", ["deleteBook", "pack", "moveBook"]],
    ["NOT metadata.verb = create", ["deleteBook", "pack", "moveBook"]],
    ["metadata.verb = cre*", ["createBook", "createShelf"]],
    ["metadata.verb:elet", ["deleteBook"]],
    ["metadata.verb:*", ["createBook", "createShelf", "deleteBook", "pack", "moveBook"]],
    ["metadata.verb > delete", ["pack", "moveBook"]],
    ["metadata.verb = delete OR metadata.verb = pack", ["deleteBook", "pack"]],
    ["metadata.verb = create AND done = true", []],
    ["create", ["createBook", "createShelf"]],
    ["Shelf", ["createShelf"]],
  ];
  for (const [filter, expected] of cases) test(filter, () => assert.deepEqual(found(filter), expected));
});

test("withVerbs() leaves a filter unchanged if verbs are names", () => {
  const filter = compileFilter("metadata.verb = pack");
  assert.ok(filter !== undefined);
  assert.equal(withVerbs(filter, new Map()), filter);
  assert.deepEqual([...verbs.keys()], ["createBook", "createShelf", "deleteBook"]);
});
