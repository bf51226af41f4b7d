import type { LookupAddress } from "node:dns";
import { Resolver } from "node:dns/promises";
import type { LookupFunction } from "node:net";
import { callbackify } from "node:util";
import ipaddr from "ipaddr.js";
import { LIMITS } from "../../core/limits.ts";

/**
 * The permitted targets of events: public addresses over TLS, and all other addresses that the
 * operator allows. Owners of endpoints do not run the server, and must not reach its network
 * through it.
 *
 * A name is resolved for every connection, each of its addresses is checked, and the connection
 * goes to a checked address: a name that resolves differently a moment later gains nothing. An
 * address in the URL itself is not resolved, but checked earlier. `http:` and names of this machine
 * or of a private network are only for allowed addresses.
 *
 * @see OWASP, "Server-Side Request Forgery Prevention"
 */

/** Names that do not exist in public DNS. */
const LOCAL_NAME = /(?:^|\.)(?:localhost|local|internal)\.*$/i;

/** The addresses of a name, as texts. */
export type Resolve = (hostname: string) => Promise<readonly string[]>;

/**
 * The error for a target that is not permitted. Its message contains no address, because owners of
 * endpoints may see it.
 */
export class TargetRefused extends Error {
  override readonly name = "TargetRefused";
  constructor() {
    super("Events are not sent to this address.");
  }
}

type Range = ReturnType<typeof ipaddr.parseCIDR>;
type Address = ReturnType<typeof ipaddr.process>;

/**
 * All public IPv6 addresses so far: `unicast` also includes addresses of unknown ranges, such as
 * `::127.0.0.1`. @see RFC 4291, section 2.4
 */
const GLOBAL_IPV6 = ipaddr.IPv6.parseCIDR("2000::/3");

/** Checks targets. */
export class Targets {
  readonly #allowed: readonly Range[];
  readonly #resolve: Resolve;

  /**
   * @param allowed networks besides the public ones, such as `10.0.0.0/8`
   * @throws {TypeError} for an invalid network
   */
  constructor(allowed: readonly string[], resolve: Resolve = byDns) {
    this.#allowed = allowed.map(networkOf);
    this.#resolve = resolve;
  }

  /** The rule that a URL breaks, as far as the URL alone shows it; undefined if it breaks none. */
  violationOf(text: string): string | undefined {
    if (text.length > LIMITS.webhookUrlLengthMax)
      return `it must have ${LIMITS.webhookUrlLengthMax} characters at most`;
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (url === undefined) return "it is not a URL";
    if (url.protocol !== "https:" && !(url.protocol === "http:" && this.#allowsSome))
      return "it must begin with https:";
    if (url.username !== "" || url.password !== "") return "it must not contain a user or a password";
    if (url.hash !== "") return "it must not have a fragment";
    const address = literalIn(url);
    if (address === undefined) {
      if (LOCAL_NAME.test(url.hostname) && !this.#allowsSome) return "its host is not a public name";
      // With a final dot it would be a different host for all code that compares hosts, and no
      // certificate contains it.
      return url.hostname.endsWith(".") ? "its host must not end with a dot" : undefined;
    }
    return this.#mayReach(url, [address]) ? undefined : "its host is not a public address";
  }

  /** @throws {TargetRefused} if the host of a URL is an address that is not permitted */
  checkLiteral(url: URL): void {
    const address = literalIn(url);
    if (address !== undefined && !this.#mayReach(url, [address])) throw new TargetRefused();
  }

  /** Resolves the host of a URL for its connection, and returns checked addresses. */
  lookup(url: URL): LookupFunction {
    const judged = callbackify((hostname: string) => this.#judged(url, hostname));
    return (hostname, options, callback) => {
      judged(hostname, (error, found) => {
        const [first] = found ?? [];
        if (error !== null || first === undefined) callback(error ?? new TargetRefused(), []);
        else if (options.all === true) callback(null, found);
        else callback(null, first.address, first.family);
      });
    };
  }

  /** @throws {TargetRefused} unless each address of a name is permitted */
  async #judged(url: URL, hostname: string): Promise<LookupAddress[]> {
    const addresses = await this.#resolve(hostname);
    if (!this.#mayReach(url, addresses)) throw new TargetRefused();
    return addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
  }

  get #allowsSome(): boolean {
    return this.#allowed.length > 0;
  }

  #mayReach(url: URL, addresses: readonly string[]): boolean {
    const isPrivate = url.protocol === "http:" || LOCAL_NAME.test(url.hostname);
    return addresses.every((text) => {
      if (!ipaddr.isValid(text)) return false;
      const address = ipaddr.process(text);
      return this.#isAllowed(address) || (!isPrivate && isPublic(address));
    });
  }

  #isAllowed(address: Address): boolean {
    return this.#allowed.some((range) => range[0].kind() === address.kind() && address.match(range));
  }
}

function isPublic(address: Address): boolean {
  return address.range() === "unicast" && (address instanceof ipaddr.IPv4 || address.match(GLOBAL_IPV6));
}

/** @throws {TypeError} */
function networkOf(text: string): Range {
  if (!ipaddr.isValidCIDR(text))
    throw new TypeError(
      `webhookAllow: expected a network such as 10.0.0.0/8 or fd00::/8, got ${JSON.stringify(text)}`,
    );
  return ipaddr.parseCIDR(text);
}

/** The address in a URL, if its host is not a name. */
function literalIn({ hostname }: URL): string | undefined {
  const bare = hostname.startsWith("[") ? hostname.slice(1, -1) : hostname;
  return ipaddr.isValid(bare) ? bare : undefined;
}

/**
 * Queries DNS directly: the system's resolver would occupy one of a few threads for as long as a
 * hostile name server likes.
 */
async function byDns(hostname: string): Promise<readonly string[]> {
  const resolver = new Resolver({ timeout: 1_500, tries: 2 });
  const found = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)]);
  const addresses = found.flatMap((each) => (each.status === "fulfilled" ? each.value : []));
  const failed = found.find((each) => each.status === "rejected");
  if (addresses.length === 0 && failed !== undefined) throw failed.reason;
  return addresses;
}
