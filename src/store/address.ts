import { resolve } from "node:path";

/** Where a store is, as a setting says it. */
export type StoreAddress =
  | { readonly kind: "sqlite"; readonly place: "file"; readonly path: string }
  | { readonly kind: "sqlite"; readonly place: "memory" }
  | { readonly kind: "postgres"; readonly url: string };

const ACCEPTED =
  '"sqlite:" and the path of a file such as "sqlite:data/operations.db", or "sqlite::memory:" for one that is gone with its process, or a URL such as "postgres://user@host:5432/database"';

/**
 * Reads an address. Paths are made absolute from the working directory.
 *
 * @throws {TypeError} for anything that is not the address of a store
 */
export function parseAddress(address: string): StoreAddress {
  if (address === "sqlite::memory:") return { kind: "sqlite", place: "memory" };
  if (isPostgresUrl(address)) return { kind: "postgres", url: address };
  const path = address.startsWith("sqlite:") ? address.slice("sqlite:".length) : "";
  // "sqlite://name" would be read as the file "/name" by some and as "name" by others.
  if (path === "" || path.startsWith("//") || path.startsWith(":")) {
    throw new TypeError(`Cannot open the store "${withoutPassword(address)}": expected ${ACCEPTED}`);
  }
  return { kind: "sqlite", place: "file", path: resolve(path) };
}

/** A URL with the name of a database in it: the driver would take the user's for one. */
function isPostgresUrl(address: string): boolean {
  if (!/^postgres(?:ql)?:\/\//.test(address) || !URL.canParse(address)) return false;
  const { hostname, pathname } = new URL(address);
  return hostname !== "" && pathname.length > 1;
}

/** The address as it may be shown: `postgres://user:secret@host` keeps its secret. */
export function withoutPassword(address: string): string {
  return address.replace(/(:\/\/[^:/@]*):[^@]*@/, "$1:…@");
}
