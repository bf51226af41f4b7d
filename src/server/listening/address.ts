import { isIPv6 } from "node:net";

/** The address on which a server listens. */
export interface Address {
  /** A name or address of this machine; `0.0.0.0` or `::` for all of them. */
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
}

/**
 * Checks an address from a setting.
 *
 * @returns the address for the system: without the brackets around an IPv6 address in a URL
 * @throws {TypeError} for a path, a URL, or a host with a port
 */
export function readAddress({ host, port }: Address): Address {
  if (/^[a-z]+:\/\//i.test(host)) {
    throw new TypeError(
      `host: expected a name or address alone, such as "127.0.0.1"; scheme and port do not belong there; got ${JSON.stringify(host)}`,
    );
  }
  if (host.includes("/") || host.startsWith("@") || /^unix:/i.test(host)) {
    throw new TypeError(
      `host: longrunning listens on TCP ports, not on Unix sockets; give an address such as "127.0.0.1", and put a proxy before it where a socket is wanted; got ${JSON.stringify(host)}`,
    );
  }
  const bare = /^\[(.*)\]$/.exec(host)?.[1];
  if (bare !== undefined && isIPv6(bare)) return { host: bare, port };
  if (host.includes(":") && !isIPv6(host)) {
    throw new TypeError(
      `host: expected a name or address alone, such as "127.0.0.1" or "::1"; a port is a setting of its own; got ${JSON.stringify(host)}`,
    );
  }
  return { host, port };
}

/**
 * The host for a URL: an IPv6 address gets brackets, and the `%` of its zone is encoded. @see RFC
 * 6874
 */
export function urlHost(host: string): string {
  return host.includes(":") ? `[${host.replace("%", "%25")}]` : host;
}

const ADVICE: Readonly<Record<string, string>> = {
  EADDRINUSE: "another program listens there; stop it, or take another port (0 for any free one)",
  EADDRNOTAVAIL: "this machine has no such address; 0.0.0.0 stands for all it has, 127.0.0.1 for itself",
  ENOTFOUND: "there is no host of that name; 0.0.0.0 stands for all addresses, 127.0.0.1 for this machine",
  EAI_AGAIN: "the name cannot be looked up now; give an address, such as 127.0.0.1, or 0.0.0.0 for all",
  EACCES: "ports below 1024 need a privilege; take a higher one",
  EAFNOSUPPORT: "this machine has no addresses of that kind (IPv4 or IPv6); give one of the other kind",
  EMFILE: "this process has as many files open as it may; raise the limit (ulimit -n)",
};

/** The error for an address that cannot be listened on, with its remedy. */
export function cannotListen(cause: NodeJS.ErrnoException, { host, port }: Address): TypeError {
  const advice = cause.code === "EINVAL" ? invalid(host) : (ADVICE[cause.code ?? ""] ?? cause.message);
  const place = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  return new TypeError(`Cannot listen on ${place}: ${advice}`, { cause });
}

function invalid(host: string): string {
  return /^fe[89ab]/i.test(host) && !host.includes("%")
    ? "a link-local address needs its interface behind it, such as fe80::1%eth0"
    : "that is no name or address of this machine";
}
