import type { MethodDescription, ResourceDescription } from "./description.ts";
import type { PlacedMethod } from "./rpc-description.ts";

/** What a document has below it. */
export interface ResourceTree {
  readonly methods: Readonly<Record<string, MethodDescription>>;
  readonly resources: Readonly<Record<string, ResourceDescription>>;
}

/** A tree of resources with more methods, each in its place. */
export function withMethods(
  tree: ResourceTree,
  placed: Iterable<Pick<PlacedMethod, "resource" | "name" | "method">>,
): ResourceTree {
  let { methods, resources } = tree;
  for (const { resource, name, method } of placed) {
    const [first, ...others] = resource;
    if (first === undefined) methods = { ...methods, [name]: method };
    else {
      const before: ResourceDescription = resources[first] ?? { methods: {} };
      const inside = withMethods({ methods: before.methods, resources: before.resources ?? {} }, [
        { resource: others, name, method },
      ]);
      resources = { ...resources, [first]: resourceOf(inside) };
    }
  }
  return { methods, resources };
}

function resourceOf({ methods, resources }: ResourceTree): ResourceDescription {
  return Object.keys(resources).length === 0 ? { methods } : { methods, resources };
}

/** The ids of all methods of a tree. */
export function idsOf({ methods, resources }: ResourceTree): readonly string[] {
  const inside = Object.values(resources).flatMap((each) =>
    idsOf({ methods: each.methods, resources: each.resources ?? {} }),
  );
  return [...Object.values(methods).map(({ id }) => id), ...inside];
}
