import { LIMITS } from "../core/limits.ts";
import { isDone, type Operation } from "../core/operation/operation.ts";
import { LOST_REQUEST, readableRequest } from "../core/operation/sealed.ts";
import { formatTimestamp } from "../core/value/timestamp.ts";
import type { Random } from "../core/ports/random.ts";
import { DELIVER_METHOD } from "../engine/admin/built-in.ts";
import { listPage } from "../engine/listing/list.ts";
import type { Records } from "../engine/records.ts";
import type { DeliveryRequest } from "./deliveries.ts";
import { deliveriesOf, deliveryNotFound, parseDeliveryName } from "./endpoints/name.ts";
import { parseName } from "../core/operation/name.ts";

/** A request for a list of deliveries. */
export interface DeliveryListRequest {
  /** The name of the endpoint. */
  readonly endpoint: string;
  readonly pageSize?: number | undefined;
  readonly pageToken?: string | undefined;
  /** AIP-160, for the delivering operations. */
  readonly filter?: string | undefined;
}

/** A page of deliveries, newest first. */
export interface DeliveryPage {
  readonly deliveries: readonly Operation[];
  /** Empty at the end of the list. */
  readonly nextPageToken: string;
}

/**
 * The deliveries of endpoints: operations of `longrunning.deliver`, in one collection per endpoint.
 */
export class DeliveryLog {
  readonly #records: Records;
  readonly #random: Random;
  readonly #domain: string;

  /** @param domain the service's name, for the ErrorInfo of errors */
  constructor(records: Records, { random, domain }: { readonly random: Random; readonly domain: string }) {
    this.#records = records;
    this.#random = random;
    this.#domain = domain;
  }

  /** Stores a new delivery. @throws {StatusError} UNAVAILABLE */
  async add(operation: Operation): Promise<Operation> {
    await this.#records.write({ verb: "insert", operation });
    this.#records.tellStarts([operation]);
    return operation;
  }

  /** @throws {StatusError} NOT_FOUND WEBHOOK_DELIVERY_NOT_FOUND */
  async get(name: string): Promise<Operation> {
    const { operation } = parseDeliveryName(name);
    const { id = "", parent } = parseName(operation) ?? {};
    const found = await this.#records.read(id);
    if (found === undefined || found.parent !== parent || found.method !== DELIVER_METHOD)
      throw deliveryNotFound(name);
    return found;
  }

  /** @throws {StatusError} INVALID_ARGUMENT PAGE_SIZE_INVALID, PAGE_TOKEN_INVALID, FILTER_INVALID */
  async list({ endpoint, ...asked }: DeliveryListRequest): Promise<DeliveryPage> {
    const { store } = this.#records;
    // A delivery's request is its event.
    const whole = { verbs: NO_VERBS, content: "WHOLE" } as const;
    const parts = { store, random: this.#random, domain: this.#domain, ...whole };
    const { operations, nextPageToken } = await listPage({ ...asked, parent: deliveriesOf(endpoint) }, parts);
    return { deliveries: operations.filter(({ method }) => method === DELIVER_METHOD), nextPageToken };
  }

  /** The failed deliveries since a time: the newest ones, each event once. */
  async failedSince(endpoint: string, since: number): Promise<readonly DeliveryRequest[]> {
    const filter = `metadata.state="FAILED" AND metadata.createTime>="${formatTimestamp(since)}"`;
    const failed = new Map<string, DeliveryRequest>();
    let pageToken = "";
    do {
      const page = await this.list({ endpoint, filter, pageToken, pageSize: LIMITS.pageSizeMax });
      for (const each of page.deliveries) {
        if (each.request === LOST_REQUEST) continue;
        const request = this.requestOf(each);
        if (failed.size < LIMITS.webhookRecoverMax) failed.set(request.event.id, request);
      }
      pageToken = page.nextPageToken;
    } while (pageToken !== "" && failed.size < LIMITS.webhookRecoverMax);
    return [...failed.values()];
  }

  /** The request of a delivery. @throws {StatusError} as {@link readableRequest} does */
  requestOf(delivery: Operation): DeliveryRequest {
    return JSON.parse(readableRequest(delivery)) as DeliveryRequest;
  }
}

const NO_VERBS: ReadonlyMap<string, string> = new Map();

/** The status of the successful answer to a delivery; undefined if there is none. */
export function answeredStatus({ response }: Operation): number | undefined {
  const status = response === null ? undefined : (JSON.parse(response.json) as { status?: unknown }).status;
  return typeof status === "number" ? status : undefined;
}

/** The time of the next attempt; undefined if there is none, or it is in progress. */
export function nextTryTime(operation: Operation): number | undefined {
  return operation.state === "PENDING" && !isDone(operation) ? operation.availableTime : undefined;
}
