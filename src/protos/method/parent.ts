import {
  type DescField,
  type DescMessage,
  type DescMethodUnary,
  getOption,
  hasOption,
  type Message,
  ScalarType,
} from "@bufbuild/protobuf";
import { WILDCARD } from "../../core/operation/collection.ts";
import { LIMITS } from "../../core/limits.ts";
import { resource, resource_reference } from "../../wire/gen/google/api/resource_pb.ts";
import { fieldValue, pathsOf, type RequestPath, withoutHost } from "./request-path.ts";

/**
 * The parent of an RPC's operations: the location, region or zone in the name of the request's
 * resource, or else the beginning of the name. Clients poll under this parent.
 *
 * The RPC's `google.api.http` tells which fields name the resource; without it, resource references
 * do.
 *
 * @returns empty if the request names no resource
 * @see AIP-122, AIP-127, AIP-151
 */
export function parentOf(rpc: DescMethodUnary, request: Message): string {
  const collections = pathsOf(rpc, request).map(({ named }) => collectionOf(named));
  // One binding may contain a location that another one omits.
  const longest = collections.toSorted((a, b) => b.length - a.length)[0];
  if (longest !== undefined && longest.length > 0) return longest.join("/");
  return collectionOf(referenceIn(rpc.input, request)?.name.split("/") ?? []).join("/");
}

/** The collections of locations in resource names. */
const LOCATIONS = new Set(["locations", "regions", "zones"]);

/**
 * For example `projects/p/regions/r` of `projects/p/regions/r/clusters/c`. A wildcard is not a
 * parent.
 */
function collectionOf(segments: readonly string[]): readonly string[] {
  const [root, id, kind = "", location] = segments;
  if (root === undefined || id === undefined || id === WILDCARD) return [];
  if (kind === "global") return [root, id, kind];
  return LOCATIONS.has(kind) && location !== undefined && location !== WILDCARD
    ? [root, id, kind, location]
    : [root, id];
}

/**
 * The name of an RPC's resource: for a new one `{parent}/{collection}/{id}` if the request contains
 * the id, otherwise its parent. Empty if the request names none.
 *
 * @see AIP-133 to AIP-136
 */
export function targetOf(rpc: DescMethodUnary, request: Message): string {
  const path = pathsOf(rpc, request).toSorted((a, b) => b.named.length - a.named.length)[0];
  const reference = path === undefined ? referenceIn(rpc.input, request) : undefined;
  const named = path?.named.join("/") ?? reference?.name ?? "";
  if (!rpc.name.startsWith("Create") || named === "") return named;
  const created = createdIn(rpc.input, request);
  if (created === undefined) return named;
  if (created.id.includes("/")) return withoutHost(created.id);
  const collection = path === undefined ? collectionByPattern(created.field, named) : collectionByPath(path);
  return collection === undefined ? named : `${named}/${collection}/${created.id}`;
}

function collectionByPath({ collection }: RequestPath): string | undefined {
  return collection.length === 1 ? collection[0] : undefined;
}

/** From a pattern of the resource's type, such as `projects/{project}/instances/{instance}`. */
function collectionByPattern({ message }: DescField, parent: string): string | undefined {
  if (message === undefined || !hasOption(message, resource)) return undefined;
  const length = parent.split("/").length + 2;
  const patterns = getOption(message, resource).pattern.map((pattern) => pattern.split("/"));
  return patterns.find((pattern) => pattern.length === length)?.at(-2);
}

/**
 * The new resource, and its id or full name, from a field such as `instance_id` or from the
 * resource itself.
 */
function createdIn(
  desc: DescMessage,
  request: Message,
): { readonly field: DescField; readonly id: string } | undefined {
  for (const field of desc.fields) {
    if (field.fieldKind !== "message") continue;
    const inside: unknown = fieldValue(request, field);
    const id =
      textOf(request, desc, `${field.name}_id`) ??
      textOf(inside, field.message, "name") ??
      textOf(inside, field.message, `${field.name}_name`);
    if (id !== undefined) return { field, id };
  }
  return undefined;
}

function textOf(message: unknown, desc: DescMessage, name: string): string | undefined {
  const field = desc.fields.find((each) => each.name === name && each.scalar === ScalarType.STRING);
  const value = field?.fieldKind === "scalar" ? fieldValue(message, field) : undefined;
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** A field of a request that names a resource. */
interface Reference {
  readonly field: DescField;
  readonly name: string;
}

/**
 * The resource of a request without a path: its `name` or its `parent`, another resource reference,
 * or the `name` of a message in it, as in updates. Only values in the form of a resource name
 * count, because a plain `name` may be anything.
 */
function referenceIn(desc: DescMessage, request: Message): Reference | undefined {
  const texts = namesIn(desc, request);
  const named = (name: string): Reference | undefined => texts.find(({ field }) => field.name === name);
  return (
    named("name") ??
    named("parent") ??
    texts.find(({ field }) => hasOption(field, resource_reference)) ??
    desc.fields.flatMap((field) => {
      if (field.fieldKind !== "message") return [];
      const inside = fieldValue(request, field);
      return inside === undefined
        ? []
        : namesIn(field.message, inside).filter((each) => each.field.name === "name");
    })[0]
  );
}

/** The fields of a message that contain a resource's name. */
function namesIn(desc: DescMessage, message: unknown): readonly Reference[] {
  return desc.fields.flatMap((field) => {
    if (field.fieldKind !== "scalar" || field.scalar !== ScalarType.STRING) return [];
    const value = fieldValue(message, field);
    const name = typeof value === "string" ? withoutHost(value) : "";
    const isName = name.length <= LIMITS.nameLengthMax && /^[^/]+(?:\/[^/]+)+$/.test(name);
    return isName ? [{ field, name }] : [];
  });
}
