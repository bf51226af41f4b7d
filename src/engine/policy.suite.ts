import type { Caller } from "../core/caller.ts";
import { StatusError } from "../core/error/error.ts";
import type { Call } from "../core/ports/authorizer.ts";
import type { CallEnd } from "../core/ports/audit.ts";
import type { Policy } from "./policy.ts";

/** A call as a port was told of it. */
export interface Told extends Call {
  readonly port: "authorizer" | "quotas" | "audit" | "observer";
  readonly end?: CallEnd;
}

/** A policy that a test turns, and that notes all it is told. */
export class TestPolicy implements Policy {
  /** Everything, in its order. */
  readonly told: Told[] = [];
  /** Which port refuses from now on. */
  refusing: "authorizer" | "quotas" | undefined;
  /** What callers are shown. */
  view: (caller: Caller) => string | undefined = () => "";

  readonly authorizer: Policy["authorizer"] = {
    authorize: (call) => this.#ask("authorizer", call),
    viewOf: (caller) => this.view(caller),
  };
  readonly quotas: Policy["quotas"] = {
    passes: (call) => {
      this.told.push({ ...call, port: "quotas" });
      return this.refusing !== "quotas";
    },
    take: (call) => this.#ask("quotas", call),
  };
  /** Whether audit keeps what succeeds. */
  keeps = false;
  /** What audit has callers wait for. */
  kept: Promise<void> | undefined;
  /** Whose a resource is. */
  tenantOf: (resource: string) => string | null = () => null;
  readonly tenants: Policy["tenants"] = { of: (resource) => this.tenantOf(resource) };
  readonly audit: Policy["audit"] = {
    admit: () => this.keeps,
    record: (call, end) => {
      this.told.push({ ...call, port: "audit", end });
      return this.kept;
    },
  };
  readonly observer: Policy["observer"] = {
    ended: (call, end) => void this.told.push({ ...call, port: "observer", end }),
  };
  readonly changes: Policy["changes"] = {
    watch: (listener) => {
      this.#listeners.add(listener);
      return () => this.#listeners.delete(listener);
    },
  };
  readonly #listeners = new Set<() => void>();

  /** Tells that something else is allowed now. */
  change(): void {
    for (const listener of this.#listeners) listener();
  }

  /** Who hears of changes. */
  get listeners(): number {
    return this.#listeners.size;
  }

  #ask(port: "authorizer" | "quotas", call: Call): undefined {
    this.told.push({ ...call, port });
    if (this.refusing !== port) return;
    throw port === "authorizer"
      ? new StatusError("PERMISSION_DENIED", "No.")
      : new StatusError("RESOURCE_EXHAUSTED", "Too many.");
  }

  /** What each port was told of since it was asked last. */
  takenByEach(): Readonly<Record<Told["port"], readonly string[]>> {
    const [authorizer, quotas] = [this.taken("authorizer"), this.taken("quotas")];
    return { authorizer, quotas, audit: this.taken("audit"), observer: this.taken("observer") };
  }

  /** What a port was told of since it was asked last, without who called. */
  taken(port: Told["port"]): readonly string[] {
    const lines = this.told
      .filter((each) => each.port === port)
      .map(({ permission, resource, method, end }) => {
        const error = end?.error === undefined ? "" : ` ${(end.error as StatusError).code}`;
        return `${permission.split(".").at(-1)} ${resource}${method === undefined ? "" : ` ${method}`}${error}`;
      });
    this.told.splice(0, this.told.length, ...this.told.filter((each) => each.port !== port));
    return lines;
  }
}
