import type { MethodDescription, ResourceDescription } from "./description.ts";
import type { PlacedMethod } from "./rpc-describer.ts";

/** The methods and resources of a document. */
export interface ResourceTree {
  readonly methods: Readonly<Record<string, MethodDescription>>;
  readonly resources: Readonly<Record<string, ResourceDescription>>;
}

/** A tree under construction. It may have hundreds of methods, so each is added without copies. */
interface GrowingTree {
  readonly methods: Record<string, MethodDescription>;
  readonly resources: Record<string, GrowingTree>;
}

/** Adds methods to a tree of resources. */
export function withMethods(
  tree: ResourceTree,
  placed: Iterable<Pick<PlacedMethod, "resource" | "name" | "method">>,
): ResourceTree {
  const grown = growing(tree);
  for (const { resource, name, method } of placed) {
    let place = grown;
    for (const each of resource) place = place.resources[each] ??= { methods: {}, resources: {} };
    place.methods[name] = method;
  }
  return { methods: grown.methods, resources: resourcesOf(grown) };
}

function growing({ methods, resources = {} }: ResourceDescription): GrowingTree {
  const inside = Object.entries(resources).map(([name, each]) => [name, growing(each)] as const);
  return { methods: { ...methods }, resources: Object.fromEntries(inside) };
}

function resourcesOf({ resources }: GrowingTree): Record<string, ResourceDescription> {
  const described = Object.entries(resources).map(([name, tree]): [string, ResourceDescription] => {
    const inside = resourcesOf(tree);
    const { methods } = tree;
    return [name, Object.keys(inside).length === 0 ? { methods } : { methods, resources: inside }];
  });
  return Object.fromEntries(described);
}

/** The ids of all methods in a tree. */
export function idsOf({ methods, resources }: ResourceTree): readonly string[] {
  const inside = Object.values(resources).flatMap((each) =>
    idsOf({ methods: each.methods, resources: each.resources ?? {} }),
  );
  return [...Object.values(methods).map(({ id }) => id), ...inside];
}
