import { at, documentsIn, entriesAt, listAt, pathsOf, textOf, textAt, type Tree, yamlOf } from "./files.ts";

/** A Kubernetes resource, as written. */
export interface Manifest {
  readonly path: string;
  readonly kind: string;
  readonly name: string;
  readonly tree: Tree;
}

/** Every resource below `deploy/kubernetes`, without the files that only kustomize reads. */
export function manifests(): readonly Manifest[] {
  const paths = pathsOf("kubernetes/{service,migration,components/*}/*.yaml");
  return paths
    .filter((path) => !path.endsWith("kustomization.yaml"))
    .flatMap((path) =>
      documentsIn(textOf(path)).map((tree) => ({
        path,
        kind: textAt(tree, "kind"),
        name: textAt(tree, "metadata.name"),
        tree,
      })),
    );
}

/** The resources of a kind. */
export function manifestsOf(...kinds: readonly string[]): readonly Manifest[] {
  return manifests().filter(({ kind }) => kinds.includes(kind));
}

/** The resource with a kind and a name. */
export function manifestOf(kind: string, name: string): Manifest {
  const found = manifestsOf(kind).find((manifest) => manifest.name === name);
  if (found === undefined) throw new Error(`There is no ${kind} ${name}`);
  return found;
}

/** The only container of a Deployment's or a Job's pods. */
export function containerOf({ tree, name }: Manifest): Tree {
  const containers = listAt(tree, "spec.template.spec.containers");
  const [container] = containers;
  if (container === undefined || containers.length > 1) throw new Error(`${name} has not one container`);
  return container;
}

/**
 * The variables of a container: from its generated ConfigMap, and its own. A secret appears as its
 * name in brackets.
 */
export function environmentOf(manifest: Manifest): Readonly<Record<string, string>> {
  const container = containerOf(manifest);
  const own = listAt(container, "env").map((variable) => {
    const secret = at(variable, "valueFrom.secretKeyRef.name");
    const value = secret === undefined ? textAt(variable, "value") : `[${textAt(secret, "")}]`;
    return [textAt(variable, "name"), value];
  });
  const shared = listAt(container, "envFrom").length === 0 ? [] : configMapLiterals();
  return Object.fromEntries([...shared, ...own]) as Record<string, string>;
}

function configMapLiterals(): readonly (readonly string[])[] {
  const generators = listAt(yamlOf("kubernetes/service/kustomization.yaml"), "configMapGenerator");
  return generators
    .flatMap((generator) => listAt(generator, "literals"))
    .map((literal) => textAt(literal, "").split(/=(.*)/s).slice(0, 2));
}

/** Whether labels match a selector. */
export function selects(selector: Tree | undefined, labels: Tree | undefined): boolean {
  const wanted = entriesAt(selector, "");
  return (
    wanted.length > 0 &&
    wanted.every(([key, value]) => entriesAt(labels, "").some(([k, v]) => k === key && v === value))
  );
}
