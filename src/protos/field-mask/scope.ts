import { type DescField, type DescMessage, type Message } from "@bufbuild/protobuf";
import {
  type Path,
  type ReflectList,
  type ReflectMap,
  type ReflectMessage,
  reflect,
} from "@bufbuild/protobuf/reflect";
import type { FieldMask } from "@bufbuild/protobuf/wkt";
import { updateFieldsOf } from "./masked-field.ts";
import { keyOf, segmentsOf } from "./path.ts";

/**
 * The part of a message that a request covers: all of it, or named fields and members with their
 * own scopes. Rules do not apply to the other parts.
 */
export type Scope = "all" | ReadonlyMap<string, Scope>;

type Tree = Map<string, "all" | Tree>;

/**
 * The scope of some paths. A path to a message covers the whole message, even if other paths name
 * parts of it; `*` covers everything.
 *
 * @see AIP-134, AIP-161
 */
export function scopeOfPaths(paths: readonly string[]): Scope {
  if (paths.includes("*")) return "all";
  const root: Tree = new Map();
  for (const path of paths) addPath(root, segmentsOf(path).map(keyOf));
  return root;
}

function addPath(root: Tree, segments: readonly string[]): void {
  let at = root;
  for (const segment of segments.slice(0, -1)) {
    const next = at.get(segment) ?? new Map<string, "all" | Tree>();
    if (next === "all") return;
    at.set(segment, next);
    at = next;
  }
  at.set(segments.at(-1) ?? "", "all");
}

/**
 * The scope of the populated fields, which an update without a mask implies. Lists and maps are
 * covered as a whole. @see AIP-134
 */
export function populatedScope(message: ReflectMessage): ReadonlyMap<string, Scope> {
  const scope = new Map<string, Scope>();
  for (const field of message.fields) {
    if (!message.isSet(field)) continue;
    const value: unknown = message.get(field);
    scope.set(field.name, isReflectMessage(value) ? populatedScope(value) : "all");
  }
  return scope;
}

/**
 * The part of a field's value that a request covers; undefined for nothing. The mask of an update
 * decides for its resource.
 *
 * @param message of type `desc`, with the field
 * @param scope the part of the message that the request covers
 */
export function scopeOfField(
  message: Message,
  desc: DescMessage,
  field: DescField,
  scope: Scope,
): Scope | undefined {
  const within = scopeOfMember(scope, field.name);
  const update = updateFieldsOf(desc);
  if (within === undefined || update === undefined || field !== update.resource) return within;
  return resourceScope(reflect(desc, message), update.mask, update.resource);
}

/** Always includes the `name`, which identifies the updated resource. */
function resourceScope(message: ReflectMessage, mask: DescField, resource: DescField): Scope {
  const { paths } = (message.get(mask) as ReflectMessage).message as FieldMask;
  if (paths.length === 0 && !message.isSet(resource)) return new Map();
  const given = message.get(resource) as ReflectMessage;
  const scope = paths.length === 0 ? populatedScope(given) : scopeOfPaths(paths);
  return scope === "all" ? scope : new Map([...scope, ["name", "all"]]);
}

/**
 * The part of one member that a request covers: of a message, a list or a map. Undefined for
 * nothing.
 */
export function scopeOfMember(scope: Scope, name: string | number): Scope | undefined {
  return scope === "all" ? scope : (scope.get(String(name)) ?? scope.get("*"));
}

/** Whether a value is a message in reflection. */
function isReflectMessage(value: unknown): value is ReflectMessage {
  return typeof value === "object" && value !== null && "desc" in value && "message" in value;
}

/**
 * Returns a function that tells how much of the end of a path a request covers; undefined for
 * nothing. A path consists of fields, indexes and keys, as in reflection. The function may only be
 * used while the message does not change: it reads each mask once.
 */
export function scopesIn(desc: DescMessage, root: Message): (path: Path) => Scope | undefined {
  const resources = new Map<Message, Scope | undefined>();
  const scopeOfStep = ({ message, desc: type }: ReflectMessage, field: DescField, scope: Scope) => {
    if (field !== updateFieldsOf(type)?.resource) return scopeOfField(message, type, field, scope);
    if (!resources.has(message)) resources.set(message, scopeOfField(message, type, field, scope));
    return resources.get(message);
  };
  return (path) => {
    let scope: Scope | undefined = "all";
    let at: unknown = reflect(desc, root);
    for (const step of path) {
      if (scope === undefined) return undefined;
      if (step.kind === "list_sub" || step.kind === "map_sub") {
        const member = step.kind === "list_sub" ? step.index : step.key;
        scope = scopeOfMember(scope, String(member));
        at = (at as ReflectList | ReflectMap).get(member as never);
      } else if (step.kind === "field" && isReflectMessage(at)) {
        scope = scopeOfStep(at, step, scope);
        at = at.get(step);
      }
    }
    return scope;
  };
}
