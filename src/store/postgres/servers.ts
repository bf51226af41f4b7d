import { readServerAddress, type ServerAddress, type Target } from "./server-address.ts";

/** A host as the address names it. */
export type AddressedHost = ServerAddress["hosts"][number];

/** What the sessions of a database know together. */
export class Servers {
  readonly address: ServerAddress;
  #next = 0;

  constructor(address: string) {
    this.address = readServerAddress(address);
  }

  /** The host to try now: the next one whenever one would not do. */
  get host(): AddressedHost {
    const { hosts } = this.address;
    return hosts[this.#next % hosts.length] ?? { host: "localhost", port: undefined };
  }

  /** This one would not do. Others may have found that out already. */
  passOver(host: AddressedHost): void {
    if (host === this.host) this.#next++;
  }
}

/** Whether a server is one that is meant. */
export function fits(
  target: Target,
  { isReadOnly, isStandby }: { readonly isReadOnly: boolean; readonly isStandby: boolean },
): boolean {
  switch (target) {
    case "read-write":
      return !isReadOnly && !isStandby;
    case "read-only":
      return isReadOnly || isStandby;
    case "primary":
      return !isStandby;
    case "standby":
      return isStandby;
    default:
      return true;
  }
}
