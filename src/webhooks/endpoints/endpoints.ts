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

/** The kind of resource that an endpoint is. Its name is the endpoint's. */
const KIND = "webhook-endpoint";

/** What endpoints are kept with. */
export interface EndpointsParts {
  readonly store: Pick<Store, "resources" | "pollMs">;
  readonly clock: Clock;
  readonly tell: Tell;
  /** What operations of a method do, where that is not its name. */
  readonly verbs: ReadonlyMap<string, string>;
  /** Those of the settings. */
  readonly fixed: readonly Endpoint[];
  /** Whether there may be others, which the store keeps. */
  readonly areKept: boolean;
}

/**
 * The endpoints, as this process knows them.
 *
 * The store keeps them. A change that is made here is known here at once; where there are other processes, each looks every
 * second, and goes on with what it knew while the store does not answer. So an operation that ends within two seconds after
 * a change may be told by the endpoint as it was.
 */
export class Endpoints implements Service {
  readonly #parts: EndpointsParts;
  readonly #loop: Loop | undefined;
  #known: ReadonlyMap<string, KnownEndpoint> = new Map();
  /** Those that are enabled, by parent. */
  #byParent: ReadonlyMap<string, readonly KnownEndpoint[]> = new Map();
  #wanted: ReadonlySet<EventType> = new Set();
  /** Counts changes that were made here: what was read before one of them is out of date. */
  #changes = 0;
  /** The one that was made last. */
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

  /** Before it, {@link look} has to be through once: no end may go untold. */
  start(): void {
    this.#loop?.start();
  }

  async stop(): Promise<void> {
    await this.#loop?.stop();
  }

  /** Reads them. @throws {StatusError} UNAVAILABLE */
  async look(): Promise<void> {
    const changes = this.#changes;
    const { store, fixed, areKept } = this.#parts;
    const resources = areKept ? await store.resources.list(KIND, LIMITS.webhookEndpointsMax) : [];
    if (changes !== this.#changes) return;
    const kept = resources.map((resource) => this.#read(resource));
    this.#take([...kept, ...fixed.map((each) => this.#compiled(each))]);
  }

  /** One as the store has it now. @throws {StatusError} UNAVAILABLE */
  async find(name: string): Promise<KnownEndpoint | undefined> {
    const { store, areKept } = this.#parts;
    const known = this.#known.get(name);
    if (!areKept || (known !== undefined && isFixed(known))) return known;
    const changes = this.#changes;
    const [resource] = await store.resources.read(KIND, [name]);
    const found = resource === undefined ? undefined : this.#read(resource);
    // What was changed here meanwhile is newer than what was read.
    if (found !== known && changes === this.#changes) this.#takeOne(name, found);
    return found;
  }

  /** One that is known here. */
  get(name: string): KnownEndpoint | undefined {
    return this.#known.get(name);
  }

  /** Those of a parent, in the order of their names. */
  of(parent: string): readonly KnownEndpoint[] {
    return this.all().filter((each) => each.parent === parent);
  }

  /** All, in the order of their names. */
  all(): readonly KnownEndpoint[] {
    return [...this.#known.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Whether any is told of such events. */
  wants(type: EventType): boolean {
    return this.#wanted.has(type);
  }

  /** Those that are told of an event of an operation: of its parent, and of what that is below. */
  matching(operation: Operation, type: EventType): readonly KnownEndpoint[] {
    const record = new FilteredRecord(operation);
    const isTold = (each: KnownEndpoint): boolean =>
      each.eventTypes.includes(type) && (each.compiled === null || matchesRecord(each.compiled, record));
    const found = this.#above(operation.parent).filter((each) => !isForCallbacks(each) && isTold(each));
    const callback = this.callbackOf(operation);
    return callback !== undefined && isTold(callback) ? [...found, callback] : found;
  }

  /** The endpoint that tells the URL which the start of an operation named. */
  callbackOf({ caller, parent }: Pick<Operation, "caller" | "parent">): KnownEndpoint | undefined {
    const url = callbackUrlOf(caller);
    return url === undefined ? undefined : this.callbackFor(url, parent);
  }

  /** The endpoint that tells a URL of operations of a parent: of those that may, the nearest above. */
  callbackFor(url: string, parent: string): KnownEndpoint | undefined {
    return this.#above(parent).find((each) => takesCallback(each, url));
  }

  /** Those of a parent and of all above, the nearest first. */
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
   * Stores a new one. @returns undefined where there is one of this name
   *
   * @throws {StatusError} RESOURCE_EXHAUSTED TOO_MANY_WEBHOOK_ENDPOINTS; UNAVAILABLE, it may be stored or not
   */
  add(endpoint: Omit<Endpoint, "revision">): Promise<KnownEndpoint | undefined> {
    // One behind the other: those that are made at once count, too.
    const added = this.#added.then(() => this.#add(endpoint));
    this.#added = added.catch(() => undefined);
    return added;
  }

  /**
   * Stores one in the place of what it was made of. @returns undefined where that is not there any more
   *
   * @throws {StatusError} UNAVAILABLE, it may be stored or not
   */
  async replace(endpoint: Endpoint): Promise<KnownEndpoint | undefined> {
    const replaced = await this.#put(endpoint, endpoint.revision);
    if (replaced === undefined) await this.find(endpoint.name);
    return replaced;
  }

  /** Removes one. @returns whether there was one. @throws {StatusError} UNAVAILABLE, it may be removed or not */
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
    const endpoint = { ...(JSON.parse(value) as Omit<Endpoint, "name" | "revision">), name, revision };
    try {
      return this.#compiled(endpoint);
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      // Another version of this program wrote it. The other endpoints are told as ever.
      const disableReason = `Its filter cannot be read: ${error.message}`;
      return { ...endpoint, state: "DISABLED", disableReason, compiled: null };
    }
  }

  #compiled(endpoint: Endpoint): KnownEndpoint {
    return { ...endpoint, compiled: readFilter(endpoint.filter, this.#parts.verbs) };
  }

  /** @param endpoint undefined for one that is gone */
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
