import { computed, signal } from "@preact/signals";

/** Where the page is: `#/operations/NAME?range=1h` has the path `operations/NAME`. */
export interface Route {
  readonly path: string;
  readonly query: URLSearchParams;
}

/** Values of a query; empty and missing ones are left out of the address. */
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

/** What somebody typed by hand may be encoded wrongly: it is taken as it is. */
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

/** The route of the address. */
export const route = computed(() => parse(hash.value));

/** A value of the query; empty where it is missing. */
export function queryValue(name: string): string {
  return route.value.query.get(name) ?? "";
}

/** The address of a page of ours. Slashes of a path stay; everything else in it is encoded. */
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

/** The name of the operation that a path is about. */
export function operationOf(path: string): string {
  const rest = path.slice("operations/".length);
  return rest.includes("operations/") ? rest : path;
}

/** The address of this page with some values of its query changed. */
export function hrefWith(changes: Query): string {
  const { path, query } = route.value;
  return href(path, { ...Object.fromEntries(query), ...changes });
}

/** Goes to an address of ours. */
export function go(address: string): void {
  if (location.hash !== address) location.hash = address.slice(1);
}

/** Goes there in the place of this address, to which nobody wants to come back: that of a word half typed. */
export function goInstead(address: string): void {
  history.replaceState(null, "", address);
  hash.value = location.hash;
}

/** Only addresses of this page are followed, whoever wrote them. */
export function ownAddress(address: string | undefined): string | undefined {
  return address?.startsWith("#/") === true ? address : undefined;
}
