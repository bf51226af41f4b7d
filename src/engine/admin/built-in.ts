import type { Filter } from "../../core/filter/filter.ts";
import { type Collection, WILDCARD } from "../../core/operation/collection.ts";
import { invariant } from "../../core/invariant.ts";
import { type Context, defineMethod, type Method, type MethodOptions } from "../../core/method/method.ts";
import type { Schema } from "../../core/method/schema.ts";

/**
 * The collection of the service's own operations, and the first segment of its other collections.
 * Callers' lists over several collections omit it.
 */
export const BUILT_IN_PARENT = "longrunning";

/**
 * The method of operations that apply one action to many others. Developers cannot declare this
 * name.
 */
export const BULK_METHOD = "longrunning.bulk";

/** The method of operations that deliver an event to an endpoint. */
export const DELIVER_METHOD = "longrunning.deliver";

const BUILT_IN_METHODS: ReadonlySet<string> = new Set([BULK_METHOD, DELIVER_METHOD]);

/** Whether operations of a method are the service's own. */
export function isBuiltIn(method: string): boolean {
  return BUILT_IN_METHODS.has(method);
}

/**
 * The filter of a callers' list, without the service's own operations. Only lists over several
 * collections that may include them need the exclusion.
 */
export function withoutBuiltIns({ isWide, parent }: Collection, filter: Filter | null): Filter | null {
  const [first] = parent.split("/", 1);
  if (!isWide || (first !== WILDCARD && first !== BUILT_IN_PARENT)) return filter;
  const others: Filter = { kind: "not", operand: { kind: "methods", names: BUILT_IN_METHODS } };
  return filter === null ? others : { kind: "and", operands: [others, filter] };
}

/**
 * The built-in methods that an action on many operations excludes: bulks always, and the others
 * unless the request names one of them or its collection. A caller that cancels all operations does
 * not mean the deliveries that report this.
 */
export function untouchedBuiltIns({ collection = "", method = "" }: NamedOperations): ReadonlySet<string> {
  const [first] = collection.split("/", 1);
  return isBuiltIn(method) || first === BUILT_IN_PARENT ? ONLY_BULKS : BUILT_IN_METHODS;
}

/** The part of a request that selects operations. */
interface NamedOperations {
  readonly collection?: string | undefined;
  readonly method?: string | undefined;
}

const ONLY_BULKS: ReadonlySet<string> = new Set([BULK_METHOD]);

/** A bulk may need many attempts if processes restart often. */
const ATTEMPTS = 100;

/**
 * The method of bulks. One bulk runs at a time over all processes; only operators start bulks.
 *
 * @param carryOut does the work
 */
function bulkMethod(carryOut: (request: unknown, context: Context) => Promise<object>): Method {
  return builtInMethod(BULK_METHOD, {
    name: "bulk",
    description: "Cancels, deletes or starts again all operations that a filter matches.",
    request: ANY_OBJECT,
    response: ANY_OBJECT,
    retry: { attempts: ATTEMPTS, initialDelay: "1s", maxDelay: "60s" },
    parallel: { when: "reject" },
    concurrency: 1,
    run: (request, context) => carryOut(request, context),
  });
}

/** A built-in method, with a name that developers cannot declare. */
export function builtInMethod(name: string, options: MethodOptions<Schema<object>, Schema<object>>): Method {
  return { ...defineMethod(options), name, verb: name };
}

/** The service validates these requests before it starts the operation. */
export const ANY_OBJECT: Schema<object> = {
  "~standard": {
    version: 1,
    vendor: "longrunning",
    validate: (value) =>
      typeof value === "object" && value !== null
        ? { value }
        : { issues: [{ message: "expected an object" }] },
  },
};

/** Executes bulks. */
export interface BulkHandler {
  carryOut(request: unknown, context: Context): Promise<object>;
}

/** The built-in methods. Workers know them before the engine, which has their handlers, exists. */
export class BuiltIns {
  readonly methods: ReadonlyMap<string, Method>;
  #handler: BulkHandler | undefined;

  /** @param others built-in methods besides bulks */
  constructor(others: readonly Method[] = []) {
    const bulk = bulkMethod(async (request, context) => {
      invariant(this.#handler !== undefined, "no handler is called before there is an engine");
      return this.#handler.carryOut(request, context);
    });
    this.methods = new Map([bulk, ...others].map((method) => [method.name, method]));
  }

  /** Sets the handler. */
  bind(handler: BulkHandler): void {
    this.#handler = handler;
  }
}
