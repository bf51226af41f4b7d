import assert from "node:assert/strict";
import { test } from "node:test";
import type { JsonOf } from "./json-type.ts";

interface Tree {
  readonly at: Date;
  readonly under?: readonly Tree[];
}

test("JsonOf is the type of a value after JSON", () => {
  const given = {
    at: new Date(0),
    url: new URL("https://a.example/"),
    pair: [new Date(0), 1] as [Date, number],
    made: { toJSON: () => ({ at: new Date(0) }) },
    tree: { at: new Date(0), under: [{ at: new Date(0) }] } as Tree,
    kind: "a" as "a" | "b" | null,
  };
  const json = JSON.parse(JSON.stringify(given)) as JsonOf<typeof given>;
  const [first, second] = json.pair;
  const texts: string[] = [
    json.at,
    json.url,
    first,
    json.made.at,
    json.tree.at,
    json.tree.under?.[0]?.at ?? "",
  ];
  assert.equal(texts.filter((text) => text === "1970-01-01T00:00:00.000Z").length, 5);
  assert.deepEqual([second satisfies number, json.kind satisfies "a" | "b" | null], [1, "a"]);
  const lost: JsonOf<{ readonly map: Map<string, string>; readonly big: bigint }>[] = [];
  assert.deepEqual(
    lost.map(({ map, big }): never => map ?? big),
    [],
  );
});
