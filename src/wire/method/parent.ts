import type { Message } from "@bufbuild/protobuf";

/** A request as far as its names go. */
type Named = Message & { readonly parent?: unknown; readonly name?: unknown };

/**
 * The collection that an RPC's operations are kept under, as Google's services have it: the location of the resource, or its
 * project where it has no location.
 *
 * Looked for in `parent`, in `name`, and in the `name` of a message in the request, as updates have it (AIP-133 to 135).
 *
 * @returns empty where the request names no such resource
 */
export function parentOf(request: Message): string {
  return COLLECTION.exec(resourceOf(request))?.[0] ?? "";
}

/** The name of the resource that an RPC works on; the parent of one that is created. Empty where the request names none. */
export function resourceOf(request: Message): string {
  const { parent, name } = request as Named;
  if (isName(name)) return name;
  if (isName(parent)) return parent;
  for (const value of Object.values<unknown>({ ...request })) {
    if (isMessage(value) && isName(value.name)) return value.name;
  }
  return "";
}

const COLLECTION = /^(?:projects|organizations|folders|billingAccounts)\/[^/]+(?:\/locations\/[^/]+)?/;

function isName(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function isMessage(value: unknown): value is Named {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
