import { type Caller, type CallerIdentity, IN_PROCESS } from "../../core/caller.ts";
import { serviceError, StatusError } from "../../core/error/error.ts";
import { fieldError } from "../../core/error/violations.ts";
import type { Filter } from "../../core/filter/filter.ts";
import type { Context } from "../../core/method/method.ts";
import { includesParent, WILDCARD } from "../../core/operation/collection.ts";
import { parseName } from "../../core/operation/name.ts";
import type { Operation } from "../../core/operation/operation.ts";
import { isSealed, readableRequest } from "../../core/operation/sealed.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { Store } from "../../core/ports/store.ts";
import { parseJson } from "../../core/value/number-source.ts";
import { formatTimestamp } from "../../core/value/timestamp.ts";
import { readFilter } from "../listing/list.ts";
import { methodFilter } from "../listing/rows.ts";
import type { UseCases } from "../use-cases.ts";
import { type AdminAction, checkAction, narrowed, type Operator } from "./access.ts";
import { BUILT_IN_PARENT, BULK_METHOD, untouchedBuiltIns } from "./built-in.ts";
import { BULK_ACTIONS, type BulkAction, type BulkProgress, type BulkRequest, carryOutBulk } from "./bulk.ts";
import { againRequest, againRequestId } from "./record.ts";

/** The request of an operator. Empty texts and 0 mean missing. */
export interface BulkStart {
  readonly action: string;
  readonly collection: string;
  readonly filter: string;
  readonly method: string;
  /** Undefined if missing. */
  readonly notAfter: number | undefined;
  readonly expected: number;
  readonly validateOnly: boolean;
  readonly requestId: string;
}

/** The parts of {@link Bulks}. */
export interface BulksParts {
  readonly useCases: UseCases;
  readonly store: Store;
  readonly clock: Clock;
  readonly verbs: ReadonlyMap<string, string>;
}

/** The permission that each action needs besides the one for bulks. */
const ACTIONS: Readonly<Record<BulkAction, AdminAction>> = {
  cancel: "cancel",
  delete: "delete",
  startAgain: "start",
};

/** Bulks: operations that apply one action to all matching operations and resume after restarts. */
export class Bulks {
  readonly #parts: BulksParts;

  constructor(parts: BulksParts) {
    this.#parts = parts;
  }

  /**
   * Starts a bulk, or only checks whether it could start.
   *
   * @throws {StatusError} INVALID_ARGUMENT REQUEST_INVALID, FILTER_INVALID, NAME_INVALID;
   *   PERMISSION_DENIED ADMIN_READ_ONLY, ADMIN_COLLECTION_REFUSED; FAILED_PRECONDITION
   *   BULK_UNDER_WAY
   */
  async start(operator: Operator, asked: BulkStart): Promise<Operation> {
    const request = this.#requestOf(operator, asked);
    const { validateOnly, requestId } = asked;
    const start = { method: BULK_METHOD, parent: BUILT_IN_PARENT, request, validateOnly };
    const { starting } = this.#parts.useCases;
    try {
      const id = requestId === "" ? undefined : requestId;
      return await starting.start(operator, { ...start, requestId: id }, { builtIn: true });
    } catch (error) {
      if (error instanceof StatusError && error.reason === "PARALLEL_LIMIT_REACHED") throw underWay(error);
      throw error;
    }
  }

  /** The handler of bulks. */
  carryOut(request: unknown, context: Context): Promise<object> {
    const { useCases, store, clock } = this.#parts;
    const bulkId = parseName(context.name)?.id ?? "";
    return carryOutBulk(
      request as BulkRequest,
      context,
      { caller: callerFor(context.caller), bulkId },
      {
        store,
        clock,
        filterOf: (asked) => this.#filterOf(asked),
        progressOf: async (name) => progressIn(await useCases.get(name)),
        actions: {
          cancel: ({ name }) => useCases.cancel(name),
          delete: ({ name }) => useCases.delete(name),
          startAgain: async ({ name, id }, by) => {
            const old = await useCases.get(name);
            await useCases.starting.start(by.caller, againStart(old, againRequestId(id, by.bulkId)), {});
          },
        },
      },
    );
  }

  #requestOf({ access }: Operator, asked: BulkStart): BulkRequest {
    const action = BULK_ACTIONS.find((each) => each === asked.action);
    if (action === undefined) throw invalid("action", `expected one of ${BULK_ACTIONS.join(", ")}`);
    checkAction(access, ACTIONS[action]);
    const { notAfter, expected } = asked;
    if (notAfter === undefined)
      throw invalid("not_after", "it says which operations are not touched, and is required");
    if (notAfter > this.#parts.store.time()) throw invalid("not_after", "it must not be in the future");
    if (!Number.isInteger(expected) || expected < 0)
      throw invalid("expected", "expected a whole number, 0 or greater");
    readFilter(asked.filter, this.#parts.verbs);
    const collection = narrowed(access, asked.collection);
    if (collection === undefined) throw elsewhere(asked.collection);
    const scope = access.scope?.parent ?? WILDCARD;
    const { filter, method } = asked;
    return { action, collection: collection.parent, scope, filter, method, notAfter, expected };
  }

  #filterOf({ filter, method, notAfter, collection }: BulkRequest): Filter {
    const { verbs } = this.#parts;
    const created = readFilter(`metadata.createTime <= "${formatTimestamp(notAfter)}"`, verbs);
    const asked = [created, readFilter(filter, verbs), method === "" ? null : methodFilter(method)];
    const operands = asked.filter((each) => each !== null);
    // A bulk never affects a bulk, including itself.
    const names = untouchedBuiltIns({ collection, method });
    return { kind: "and", operands: [...operands, { kind: "not", operand: { kind: "methods", names } }] };
  }
}

/** Whether an operator with a scope may read this bulk, because the scope contains the bulk's. */
export function isBulkOf({ method, request }: Operation, { access }: Operator): boolean {
  if (method !== BULK_METHOD || access.scope === undefined || isSealed(request)) return false;
  const { scope } = JSON.parse(request) as BulkRequest;
  return scope === access.scope.parent || includesParent(access.scope, scope);
}

/** The start of an operation again, with a new request id. */
function againStart(old: Operation, requestId: string) {
  const { method, parent, priority } = old;
  const asked = parseJson(readableRequest(old));
  return { method, parent, priority, requestId, request: againRequest(asked, requestId) };
}

function callerFor(identity: CallerIdentity | null): Caller {
  return { ...IN_PROCESS, ...identity };
}

/** The reported progress of an operation. */
function progressIn({ metadata }: Operation): BulkProgress | null {
  const reported = metadata === null ? {} : (JSON.parse(metadata.json) as Partial<BulkProgress>);
  return reported.after === undefined ? null : (reported as BulkProgress);
}

function invalid(field: string, rule: string): Error {
  return fieldError("REQUEST_INVALID", { field, description: `Invalid value at '${field}': ${rule}.` });
}

function elsewhere(collection: string): Error {
  const shown = collection.slice(0, 200);
  return serviceError("ADMIN_COLLECTION_REFUSED", `This operator may not act in "${shown}".`, {
    metadata: { parent: shown },
  });
}

function underWay(cause: StatusError): Error {
  return serviceError(
    "BULK_UNDER_WAY",
    "Another bulk is running, and only one may run at a time; wait for its end, or cancel it.",
    { cause },
  );
}
