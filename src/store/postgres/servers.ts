import { readServerAddress, type ServerAddress, type Target } from "./server-address.ts";

/** A host of the address. */
export type AddressedHost = ServerAddress["hosts"][number];

/** The hosts of a database, shared by all its sessions. */
export class Servers {
  readonly address: ServerAddress;
  #next = 0;

  constructor(address: string) {
    this.address = readServerAddress(address);
  }

  /** The host to try now: the next one after each unsuitable one. */
  get host(): AddressedHost {
    const { hosts } = this.address;
    return hosts[this.#next % hosts.length] ?? { host: "localhost", port: undefined };
  }

  /** Marks a host as unsuitable. Another session may have done so already. */
  passOver(host: AddressedHost): void {
    if (host === this.host) this.#next++;
  }
}

/** Whether a server is acceptable. */
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
