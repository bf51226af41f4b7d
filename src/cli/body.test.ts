import assert from "node:assert/strict";
import { test } from "node:test";
import { readBody } from "./body.ts";
import { CommandError } from "./exit.ts";
import { aWorld } from "./world.suite.ts";

test("readBody() reads JSON, a file, and standard input", async () => {
  using world = aWorld({ stdin: '{"c": 3}' });
  world.file("b.json", '{"b": 2}');
  assert.deepEqual(await readBody(world.io, '{"a": 1}'), { a: 1 });
  assert.deepEqual(await readBody(world.io, "@b.json"), { b: 2 });
  assert.deepEqual(await readBody(world.io, "-"), { c: 3 });
});

test("readBody() reports mistakes", async () => {
  using world = aWorld({ stdin: "x" });
  const refused = (json: string, message: RegExp) =>
    assert.rejects(
      readBody(world.io, json),
      (error) => error instanceof CommandError && error.exit === "usage" && message.test(error.message),
    );
  await refused("{a: 1}", /^json: expected JSON: /);
  await refused("-", /^json: expected JSON on standard input: /);
  await refused("[1]", /^json: expected a JSON object, got \[1\]$/);
  await refused("@none.json", /^json: cannot read "none\.json": /);
});
