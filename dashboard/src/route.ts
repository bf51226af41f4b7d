import { computed, signal } from "@preact/signals";

/** The place within the page: `#/operations/NAME?range=1h` has the path `operations/NAME`. */
export interface Route {
  readonly path: string;
  readonly query: URLSearchParams;
}

/** Values of a query; empty and missing values are left out of the address. */
export type Query = Readonly<Record<string, string | undefined>>;

function parse(hash: string): Route {
  const text = hash.replace(/^#\/?/, "");
  const mark = text.indexOf("?");
  const path = mark === -1 ? text : text.slice(0, mark);
  return {
    path: path.split("/").map(decoded).join("/"),
    query: new URLSearchParams(mark === -1 ? "" : text.slice(mark + 1)),
  };
}

/** A hand-typed address may be encoded wrongly; it is used as it is. */
function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

const hash = signal(location.hash);
addEventListener("hashchange", () => {
  hash.value = location.hash;
});

/** The current route. */
export const route = computed(() => parse(hash.value));

/** A value of the query; empty if it is missing. */
export function queryValue(name: string): string {
  return route.value.query.get(name) ?? "";
}

/**
 * The address of a place in this page. Slashes of a path stay as they are; everything else is
 * encoded.
 */
export function href(path: string, query: Query = {}): string {
  const set = Object.entries(query).filter((entry): entry is [string, string] => Boolean(entry[1]));
  const search = new URLSearchParams(set).toString();
  const encoded = path.split("/").map(encodeURIComponent).join("/");
  return `#/${encoded}${search === "" ? "" : `?${search}`}`;
}

/** The address of the page that shows an operation. */
export function operationHref(name: string): string {
  return href(name.startsWith("operations/") ? name : `operations/${name}`);
}

/** The name of the operation in a path. */
export function operationOf(path: string): string {
  const rest = path.slice("operations/".length);
  return rest.includes("operations/") ? rest : path;
}

/** The address of this page with some values of its query changed. */
export function hrefWith(changes: Query): string {
  const { path, query } = route.value;
  return href(path, { ...Object.fromEntries(query), ...changes });
}

/** Goes to an address in this page. */
export function go(address: string): void {
  if (location.hash !== address) location.hash = address.slice(1);
}

/**
 * Goes to an address and replaces the current one in the history, for example for a half-typed
 * word, to which nobody wants to return.
 */
export function goInstead(address: string): void {
  history.replaceState(null, "", address);
  hash.value = location.hash;
}

/** Only addresses within this page are followed, even if somebody else wrote the link. */
export function ownAddress(address: string | undefined): string | undefined {
  return address?.startsWith("#/") === true ? address : undefined;
}
