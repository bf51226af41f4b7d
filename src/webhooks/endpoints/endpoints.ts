import { callbackUrlOf } from "../../core/caller.ts";
import { serviceError, StatusError } from "../../core/error/error.ts";
import type { Tell } from "../../core/events.ts";
import { FilteredRecord } from "../../core/filter/filtered-record.ts";
import { matchesRecord } from "../../core/filter/matches.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Operation } from "../../core/operation/operation.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { Resource } from "../../core/ports/resource-store.ts";
import type { Store } from "../../core/ports/store.ts";
import { readFilter } from "../../engine/listing/list.ts";
import type { Service } from "../../engine/service.ts";
import { Loop } from "../../engine/sweep/loop.ts";
import { isForCallbacks, takesCallback } from "./callback-hosts.ts";
import { type Endpoint, type EventType, isFixed, type KnownEndpoint } from "./endpoint.ts";

/** The kind of resource for endpoints. The name of such a resource is the endpoint's name. */
const KIND = "webhook-endpoint";

/** The parts of the endpoints. */
export interface EndpointsParts {
  readonly store: Pick<Store, "resources" | "pollMs">;
  readonly clock: Clock;
  readonly tell: Tell;
  /** The verbs of methods, if they differ from their names. */
  readonly verbs: ReadonlyMap<string, string>;
  /** The endpoints of the settings. */
  readonly fixed: readonly Endpoint[];
  /** Whether there may be others, in the store. */
  readonly areKept: boolean;
}

/**
 * The endpoints, as this process knows them.
 *
 * Source of truth: the store. A change made here is effective here at once; other processes reload
 * every second, and keep their knowledge while the store does not answer. So an operation that ends
 * within two seconds after a change may still use the endpoint's previous version.
 */
export class Endpoints implements Service {
  readonly #parts: EndpointsParts;
  readonly #loop: Loop | undefined;
  #known: ReadonlyMap<string, KnownEndpoint> = new Map();
  /** The enabled endpoints, by parent. */
  #byParent: ReadonlyMap<string, readonly KnownEndpoint[]> = new Map();
  #wanted: ReadonlySet<EventType> = new Set();
  /** The number of changes made here: a read that began before one of them is outdated. */
  #changes = 0;
  /** The last addition. */
  #added: Promise<unknown> = Promise.resolve();

  constructor(parts: EndpointsParts) {
    this.#parts = parts;
    if (parts.store.pollMs !== null && parts.areKept) {
      const run = async (): Promise<number> => {
        await this.look();
        return LIMITS.sweepIntervalMs;
      };
      this.#loop = new Loop({ ...parts, task: { name: "webhook endpoints", run } });
    }
  }

  /** Before it, {@link look} must have completed once, so that no event is missed. */
  start(): void {
    this.#loop?.start();
  }

  async stop(): Promise<void> {
    await this.#loop?.stop();
  }

  /** Reloads the endpoints. @throws {StatusError} UNAVAILABLE */
  async look(): Promise<void> {
    const changes = this.#changes;
    const { store, fixed, areKept } = this.#parts;
    const resources = areKept ? await store.resources.list(KIND, LIMITS.webhookEndpointsMax) : [];
    if (changes !== this.#changes) return;
    const kept = resources.map((resource) => this.#read(resource));
    this.#take([...kept, ...fixed.map((each) => this.#compiled(each))]);
  }

  /** An endpoint as it is in the store now. @throws {StatusError} UNAVAILABLE */
  async find(name: string): Promise<KnownEndpoint | undefined> {
    const { store, areKept } = this.#parts;
    const known = this.#known.get(name);
    if (!areKept || (known !== undefined && isFixed(known))) return known;
    const changes = this.#changes;
    const [resource] = await store.resources.read(KIND, [name]);
    const found = resource === undefined ? undefined : this.#read(resource);
    // A change made here meanwhile is newer than the read.
    if (found !== known && changes === this.#changes) this.#takeOne(name, found);
    return found;
  }

  /** An endpoint known here. */
  get(name: string): KnownEndpoint | undefined {
    return this.#known.get(name);
  }

  /** The endpoints of a parent, in the order of their names. */
  of(parent: string): readonly KnownEndpoint[] {
    return this.all().filter((each) => each.parent === parent);
  }

  /** All endpoints, in the order of their names. */
  all(): readonly KnownEndpoint[] {
    return [...this.#known.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Whether any endpoint wants events of a type. */
  wants(type: EventType): boolean {
    return this.#wanted.has(type);
  }

  /**
   * The endpoints that get an event of an operation: those of its parent, and of the parents above.
   */
  matching(operation: Operation, type: EventType): readonly KnownEndpoint[] {
    const record = new FilteredRecord(operation);
    const isTold = (each: KnownEndpoint): boolean =>
      each.eventTypes.includes(type) && (each.compiled === null || matchesRecord(each.compiled, record));
    const found = this.#above(operation.parent).filter((each) => !isForCallbacks(each) && isTold(each));
    const callback = this.callbackOf(operation);
    return callback !== undefined && isTold(callback) ? [...found, callback] : found;
  }

  /** The endpoint for the callback URL in an operation's start. */
  callbackOf({ caller, parent }: Pick<Operation, "caller" | "parent">): KnownEndpoint | undefined {
    const url = callbackUrlOf(caller);
    return url === undefined ? undefined : this.callbackFor(url, parent);
  }

  /**
   * The endpoint that delivers callbacks of a parent's operations to a URL: the nearest permitted
   * one.
   */
  callbackFor(url: string, parent: string): KnownEndpoint | undefined {
    return this.#above(parent).find((each) => takesCallback(each, url));
  }

  /** The endpoints of a parent and of all parents above, nearest first. */
  #above(from: string): readonly KnownEndpoint[] {
    const found: KnownEndpoint[] = [];
    let parent: string | undefined = from;
    while (parent !== undefined) {
      found.push(...(this.#byParent.get(parent) ?? []));
      parent = parent === "" ? undefined : parent.slice(0, Math.max(0, parent.lastIndexOf("/")));
    }
    return found;
  }

  /**
   * Stores a new endpoint. @returns undefined if the name is taken
   *
   * @throws {StatusError} RESOURCE_EXHAUSTED TOO_MANY_WEBHOOK_ENDPOINTS; UNAVAILABLE, and then it
   * may or may not be stored
   */
  add(endpoint: Omit<Endpoint, "revision">): Promise<KnownEndpoint | undefined> {
    // One after the other, so that concurrent additions count towards the limit.
    const added = this.#added.then(() => this.#add(endpoint));
    this.#added = added.catch(() => undefined);
    return added;
  }

  /**
   * Replaces the version that a change is based on. @returns undefined if that version is no longer
   * current
   *
   * @throws {StatusError} UNAVAILABLE, and then it may or may not be stored
   */
  async replace(endpoint: Endpoint): Promise<KnownEndpoint | undefined> {
    const replaced = await this.#put(endpoint, endpoint.revision);
    if (replaced === undefined) await this.find(endpoint.name);
    return replaced;
  }

  /**
   * Removes an endpoint. @returns whether it existed. @throws {StatusError} UNAVAILABLE, and then
   * it may or may not be removed
   */
  async remove(name: string): Promise<boolean> {
    const isRemoved = await this.#parts.store.resources.remove(KIND, name);
    this.#changes++;
    this.#takeOne(name, undefined);
    return isRemoved;
  }

  async #add(endpoint: Omit<Endpoint, "revision">): Promise<KnownEndpoint | undefined> {
    await this.look();
    const { parent, name, tenant } = endpoint;
    if (this.#known.has(name)) return undefined;
    const { webhookEndpointsMax: all, webhookEndpointsOfParentMax: ofParent } = LIMITS;
    const { webhookEndpointsOfTenantMax: ofTenant } = LIMITS;
    if (this.of(parent).length >= ofParent)
      throw tooMany(`"${parent}" has ${ofParent}, which is all that one parent may have`);
    if (tenant !== null && this.#countOf(tenant) >= ofTenant)
      throw tooMany(`"${tenant}" has ${ofTenant}, which is all that one tenant may have`);
    if (this.#known.size >= all) throw tooMany(`there are ${all}, which is all that there may be`);
    return this.#put(endpoint, null);
  }

  #countOf(tenant: string): number {
    return [...this.#known.values()].filter((each) => each.tenant === tenant).length;
  }

  async #put(
    endpoint: Omit<Endpoint, "revision">,
    expected: number | null,
  ): Promise<KnownEndpoint | undefined> {
    const { name, ...kept } = endpoint;
    const value = JSON.stringify({ ...kept, revision: undefined, compiled: undefined });
    const resource = { kind: KIND, name, dueTime: null, value };
    const revision = await this.#parts.store.resources.put(resource, expected);
    this.#changes++;
    if (revision === undefined) return undefined;
    const known = this.#compiled({ ...endpoint, revision });
    this.#takeOne(name, known);
    return known;
  }

  #read({ name, revision, value }: Resource): KnownEndpoint {
    const before = this.#known.get(name);
    if (before?.revision === revision) return before;
    const kept = JSON.parse(value) as Omit<Endpoint, "name" | "revision" | "verify"> & Partial<Endpoint>;
    const endpoint = { verify: "NONE" as const, ...kept, name, revision };
    try {
      return this.#compiled(endpoint);
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      // Another version of this program wrote it. The other endpoints are not affected.
      const disableReason = `Its filter cannot be read: ${error.message}`;
      return { ...endpoint, state: "DISABLED", disableReason, compiled: null };
    }
  }

  #compiled(endpoint: Endpoint): KnownEndpoint {
    return { ...endpoint, compiled: readFilter(endpoint.filter, this.#parts.verbs) };
  }

  /** @param endpoint undefined for a removed one */
  #takeOne(name: string, endpoint: KnownEndpoint | undefined): void {
    const others = [...this.#known.values()].filter((each) => each.name !== name);
    this.#take(endpoint === undefined ? others : [...others, endpoint]);
  }

  #take(endpoints: readonly KnownEndpoint[]): void {
    this.#known = new Map(endpoints.map((each) => [each.name, each]));
    const enabled = endpoints.filter(({ state }) => state === "ENABLED");
    this.#wanted = new Set(enabled.flatMap(({ eventTypes }) => eventTypes));
    this.#byParent = Map.groupBy(enabled, ({ parent }) => parent);
  }
}

function tooMany(why: string): Error {
  return serviceError("TOO_MANY_WEBHOOK_ENDPOINTS", `Another webhook endpoint is one too many: ${why}.`);
}

/** @throws {StatusError} FAILED_PRECONDITION WEBHOOK_ENDPOINT_FIXED */
export function checkNotFixed(endpoint: Endpoint): void {
  if (!isFixed(endpoint)) return;
  throw serviceError(
    "WEBHOOK_ENDPOINT_FIXED",
    `Webhook endpoint "${endpoint.name}" is fixed in the settings of the server; change it there.`,
    { metadata: { endpoint: endpoint.name } },
  );
}
