import { resolve } from "node:path";
import { withoutPassword } from "../core/value/secret.ts";

/** The parsed address of a store. */
export type StoreAddress =
  | { readonly kind: "sqlite"; readonly place: "file"; readonly path: string }
  | { readonly kind: "sqlite"; readonly place: "memory" }
  | { readonly kind: "postgres"; readonly url: string };

const ACCEPTED =
  '"sqlite:" and the path of a file such as "sqlite:data/operations.db", or "sqlite::memory:" for one that is gone with its process, or a URL such as "postgres://user@host:5432/database"';

/**
 * Reads an address. Relative paths are resolved against the working directory.
 *
 * @throws {TypeError} if the text is not the address of a store
 */
export function parseAddress(address: string): StoreAddress {
  if (address === "sqlite::memory:") return { kind: "sqlite", place: "memory" };
  if (isPostgresUrl(address)) return { kind: "postgres", url: address };
  const path = address.startsWith("sqlite:") ? address.slice("sqlite:".length) : "";
  // Some programs read "sqlite://name" as the file "/name", others as "name".
  if (path === "" || path.startsWith("//") || path.startsWith(":")) {
    throw new TypeError(`Cannot open the store "${withoutPassword(address)}": expected ${ACCEPTED}`);
  }
  return { kind: "sqlite", place: "file", path: resolve(path) };
}

/** Requires a database name in the URL; without one the driver would use the user name. */
function isPostgresUrl(address: string): boolean {
  if (!/^postgres(?:ql)?:\/\//.test(address) || !URL.canParse(withOneHost(address))) return false;
  const { hosts, url } = splitHosts(address);
  return hosts.every((host) => host !== "") && url.pathname.length > 1;
}

/** The hosts of an address with their ports, and the address with only its first host. */
export function splitHosts(address: string): { readonly hosts: readonly string[]; readonly url: URL } {
  const [, , hosts = ""] = HOSTS.exec(address) ?? [];
  return { hosts: hosts.split(","), url: new URL(withOneHost(address)) };
}

/** The part before the hosts, and the hosts. */
const HOSTS = /^([a-z]+:\/\/(?:[^/?#]*@)?)([^/?#@]*)/;

function withOneHost(address: string): string {
  return address.replace(HOSTS, (_, before: string, hosts: string) => before + (hosts.split(",")[0] ?? ""));
}
