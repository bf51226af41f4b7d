import type { Tell } from "../core/events.ts";
import { serviceError } from "../core/error/error.ts";
import { invariant } from "../core/invariant.ts";
import { LIMITS } from "../core/limits.ts";
import { isDone } from "../core/operation/operation.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Resource } from "../core/ports/resource-store.ts";
import type { Sealer } from "../core/ports/sealer.ts";
import type { Change, Store } from "../core/ports/store.ts";
import { Loop } from "../engine/sweep/loop.ts";
import { type Header, HTTP_REQUEST } from "./record.ts";

/** The kind of resources for the credentials of requests, by the ids of their operations. */
export const KIND = "proxy-credentials";

/** The parts for storing credentials. */
export interface CredentialsParts {
  readonly sealer: Sealer;
  readonly clock: Clock;
  /** The name of the service. */
  readonly service: string;
  readonly tell: Tell;
}

type CredentialsStore = Pick<Store, "resources" | "watch" | "read" | "time">;

interface Opened {
  readonly store: CredentialsStore;
  readonly loop: Loop;
  readonly unwatch: () => void;
}

/**
 * The credentials of requests stored as operations, until they end. They are stored beside the
 * operation and never in it, so nothing that shows an operation can show them.
 *
 * States: *kept*, sealed, before the operation is stored; *removed* after the change that ends or
 * removes the operation. Source of truth: the store. A loop repeats removals that failed, or that
 * another process did not make: at each start and once a minute it removes credentials whose
 * operation is done or does not exist.
 */
export class Credentials {
  readonly #parts: CredentialsParts;
  readonly #removing = new Set<Promise<void>>();
  #state: Opened | undefined;

  constructor(parts: CredentialsParts) {
    this.#parts = parts;
  }

  /** Uses a store from now on. */
  start(store: CredentialsStore): void {
    const { clock, tell } = this.#parts;
    const loop = new Loop({ task: { name: "credentials", run: () => this.#look() }, clock, tell });
    this.#state = { store, loop, unwatch: store.watch((changes) => this.#ended(changes)) };
    loop.start();
  }

  /** Waits for removals in progress. */
  async stop(): Promise<void> {
    this.#state?.unwatch();
    await this.#state?.loop.stop();
    await Promise.all(this.#removing);
  }

  /** Stores headers for an operation that is stored next. */
  async keep(name: string, headers: readonly Header[]): Promise<void> {
    if (headers.length === 0) return;
    const store = this.#store;
    await this.#parts.sealer.need(store.resources);
    const sealed = this.#parts.sealer.seal(JSON.stringify(headers), this.#binding(name));
    const dueTime = store.time() + LIMITS.proxyCredentialsAloneMs;
    await store.resources.put({ kind: KIND, name: idOf(name), dueTime, value: JSON.stringify(sealed) }, null);
  }

  /**
   * The stored headers of an operation. @throws {StatusError} FAILED_PRECONDITION
   * CREDENTIALS_UNREADABLE
   */
  async of(name: string): Promise<readonly Header[]> {
    const [kept] = await this.#store.resources.read(KIND, [idOf(name)]);
    if (kept === undefined) return [];
    const text = this.#parts.sealer.open(sealedOf(kept), this.#binding(name));
    if (text === undefined)
      throw serviceError(
        "CREDENTIALS_UNREADABLE",
        "The request was not sent: the proxy cannot read its credentials any more. Send it again as a new request.",
      );
    // Only `keep` writes this text.
    return JSON.parse(text) as readonly Header[];
  }

  /** Removes stored headers whose operation was not stored. */
  async forget(name: string): Promise<void> {
    await this.#remove(idOf(name));
  }

  get #store(): CredentialsStore {
    invariant(this.#state !== undefined, "credentials have a store before anything runs");
    return this.#state.store;
  }

  #binding(name: string): string {
    return `${this.#parts.service}|${name}|credentials`;
  }

  #ended(changes: readonly Change[]): void {
    for (const { id, method, state } of changes) {
      if (method !== HTTP_REQUEST || state === "PENDING" || state === "RUNNING") continue;
      // The loop repeats a failed removal.
      const removal = this.#remove(id).catch(() => undefined);
      this.#removing.add(removal);
      void removal.finally(() => this.#removing.delete(removal));
    }
  }

  async #remove(id: string): Promise<void> {
    await this.#store.resources.remove(KIND, id);
  }

  /** Checks the oldest ones, because ids begin with the time. @returns when to check again */
  async #look(): Promise<number> {
    const store = this.#store;
    const looked = await store.resources.list(KIND, LIMITS.proxyCredentialsLook);
    const sealed: string[] = [];
    for (const each of looked) {
      const { name: id, dueTime } = each;
      const operation = await store.read(id);
      const isOver = operation === undefined ? (dueTime ?? 0) <= store.time() : isDone(operation);
      if (isOver) await this.#remove(id);
      else sealed.push(sealedOf(each));
    }
    // Otherwise there may be more, sealed with other keys.
    if (looked.length < LIMITS.proxyCredentialsLook)
      await this.#parts.sealer.needOnly(store.resources, sealed);
    return LIMITS.proxyCredentialsLookMs;
  }
}

function sealedOf({ value }: Pick<Resource, "value">): string {
  // Only `keep` writes this text.
  return JSON.parse(value) as string;
}

function idOf(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1);
}
