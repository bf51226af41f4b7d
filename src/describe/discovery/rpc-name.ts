import type { Binding } from "../../protos/http-rule/binding.ts";
import { versionOf } from "../../protos/http-rule/template.ts";

/** The place and name of a method in a document. */
export interface RpcPlace {
  readonly resource: readonly string[];
  readonly name: string;
}

/** RPCs with these names are called by their first word. @see AIP-131 to AIP-135 */
const STANDARD = /^(Get|List|Create|Update|Delete)(?=[A-Z])/;
/** For these, the last literal of the path is the collection of their methods. */
const ON_COLLECTION: ReadonlySet<string> = new Set(["List", "Create"]);

/**
 * Places a method as Google's documents do: under the collections in its path, named by its verb or
 * the first word of a standard method. `GET /v1/{name=projects/*\/instances/*}` of `GetInstance`
 * becomes `projects.instances.get`.
 */
export function placeOf({ rpc, httpMethod, template }: Binding): RpcPlace {
  const { segments, verb } = template;
  const from = versionOf(template) === undefined ? 0 : 1;
  const literals = segments
    .slice(from)
    .flatMap((each) => (each.kind === "literal" ? [camelCase(each.text)] : []));
  const ownName = rpc.name.charAt(0).toLowerCase() + rpc.name.slice(1);
  if (verb !== "") return { resource: literals, name: camelCase(verb) };
  const standard = STANDARD.exec(rpc.name)?.[1];
  const last = segments.at(-1);
  const part = last?.kind === "literal" && literals.length > 1 ? camelCase(last.text) : undefined;
  if (standard === undefined || literals.length === 0) return { resource: literals, name: ownName };
  if (part !== undefined && !ON_COLLECTION.has(standard)) {
    // In `instances/*/authString`, the instance is the resource.
    const name = standard.toLowerCase() + part.charAt(0).toUpperCase() + part.slice(1);
    return { resource: literals.slice(0, -1), name };
  }
  const name = standard === "Update" && httpMethod === "PATCH" ? "patch" : standard.toLowerCase();
  return { resource: literals, name };
}

/** `auth-strings` as `authStrings`, a valid name in programs. */
export function camelCase(text: string): string {
  const words = text.split(/[^A-Za-z0-9_]+/).filter((word) => word !== "");
  const [first = "x", ...others] = words;
  return first + others.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
}
