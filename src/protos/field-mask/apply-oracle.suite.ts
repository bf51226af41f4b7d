import type { JsonValue } from "@bufbuild/protobuf";
import fc from "fast-check";

/**
 * Another implementation of update masks for the tests, which applies one path after the other to
 * JSON.
 */

/** The place of a path in the JSON of an instance: the names on the way, with the last one. */
const PATHS: Readonly<Record<string, readonly string[]>> = {
  display_name: ["displayName"],
  displayName: ["displayName"],
  size: ["size"],
  main: ["main"],
  "main.zone": ["main", "zone"],
  "main.spare": ["main", "spare"],
  "main.spare.cpus": ["main", "spare", "cpus"],
  "main.spare.spare.zone": ["main", "spare", "spare", "zone"],
  nodes: ["nodes"],
  labels: ["labels"],
  "labels.a": ["labels", "a"],
  "labels.`b.c`": ["labels", "b.c"],
  "by_number.1": ["byNumber", "1"],
  ssd: ["ssd"],
  remote: ["remote"],
  "remote.cpus": ["remote", "cpus"],
  extras: ["extras"],
};

/** A resource, or a message in it, as JSON. */
type Tree = { [name: string]: JsonValue };

function takePath(target: Tree, source: Tree, [name = "", ...rest]: readonly string[]): void {
  const isMap = name === "labels" || name === "byNumber";
  if (rest.length > 0 && (name in target || name in source)) {
    const inside = (target[name] ??= {}) as Tree;
    takePath(inside, (source[name] ?? {}) as Tree, rest);
    // JSON omits empty maps.
    if (isMap && Object.keys(inside).length === 0) delete target[name];
  } else if (rest.length === 0 && name in source) target[name] = structuredClone(source[name]) as JsonValue;
  else if (rest.length === 0) delete target[name];
  if (name === "ssd" && name in source) delete target["remote"];
  if (name === "remote" && name in target) delete target["ssd"];
}

/** Without a mask. */
function takePopulated(target: Tree, source: Tree): void {
  for (const [name, value] of Object.entries(source)) {
    if (["main", "remote", "spare"].includes(name) && name in target)
      takePopulated(target[name] as Tree, value as Tree);
    else takePath(target, source, [name]);
  }
}

const { node } = fc.letrec<{ node: Tree }>((tie) => ({
  node: fc.record(
    {
      zone: fc.constantFrom("a", "b"),
      cpus: fc.integer({ min: 1, max: 3 }),
      spare: fc.oneof({ maxDepth: 2 }, fc.constant<Tree>({}), tie("node")),
    },
    { requiredKeys: [] },
  ) as fc.Arbitrary<Tree>,
}));
const word = fc.constantFrom("x", "y");
/** Resources of the message Instance that `apply.test.ts` declares. */
export const anInstance = fc
  .record(
    {
      displayName: word,
      size: fc.integer({ min: 0, max: 2 }),
      main: node,
      nodes: fc.array(node, { minLength: 1, maxLength: 2 }),
      labels: fc.dictionary(fc.constantFrom("a", "b.c", "d"), word, { minKeys: 1 }),
      byNumber: fc.dictionary(fc.constantFrom("1", "2"), node, { minKeys: 1 }),
      extras: fc.dictionary(word, fc.constantFrom(1, null)),
      state: word,
      disk: fc.oneof(fc.record({ ssd: word }), fc.record({ remote: node })),
    },
    { requiredKeys: [] },
  )
  .map(({ disk, ...others }): Tree => ({ ...others, ...disk }));

/** Masks with paths of an instance, in both spellings. */
export const aMask = fc.oneof(
  fc.constant(["*"]),
  fc.array(fc.constantFrom(...Object.keys(PATHS)), { maxLength: 5 }),
);

/** The JSON of the stored resource after the update. */
export function updatedJson(stored: Tree, given: Tree, paths: readonly string[]): Tree {
  const { state, ...result } = JSON.parse(JSON.stringify(stored)) as Tree;
  if (paths.length === 0) takePopulated(result, given);
  const named = paths.includes("*") ? [...Object.keys(stored), ...Object.keys(given)] : paths;
  for (const path of named) takePath(result, given, PATHS[path] ?? [path]);
  delete result["state"];
  return state === undefined ? result : { ...result, state };
}
