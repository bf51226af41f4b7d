import type { Caller } from "../core/caller.ts";
import { StatusError } from "../core/error/error.ts";
import type { Call } from "../core/ports/authorizer.ts";
import type { CallEnd } from "../core/ports/audit.ts";
import type { Policy } from "./policy.ts";

/** A call as a port received it. */
export interface Told extends Call {
  readonly port: "authorizer" | "quotas" | "audit" | "observer";
  readonly end?: CallEnd;
}

/** A policy under the control of a test, with a record of all its calls. */
export class TestPolicy implements Policy {
  /** All calls in order. */
  readonly told: Told[] = [];
  /** The port that refuses calls. */
  refusing: "authorizer" | "quotas" | undefined;
  /** The view of each caller. */
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
  /** Whether audit records successful calls. */
  keeps = false;
  /** The promise for which callers wait because of audit. */
  kept: Promise<void> | undefined;
  /** The tenant of a resource. */
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

  /** Announces a change of permissions. */
  change(): void {
    for (const listener of this.#listeners) listener();
  }

  /** The number of listeners for changes. */
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

  /** The calls of each port since the last query. */
  takenByEach(): Readonly<Record<Told["port"], readonly string[]>> {
    const [authorizer, quotas] = [this.taken("authorizer"), this.taken("quotas")];
    return { authorizer, quotas, audit: this.taken("audit"), observer: this.taken("observer") };
  }

  /** The calls of a port since the last query, without their callers. */
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
