import type { Filter } from "../../core/filter/filter.ts";
import { type Collection, WILDCARD } from "../../core/operation/collection.ts";
import { invariant } from "../../core/invariant.ts";
import { type Context, defineMethod, type Method, type MethodOptions } from "../../core/method/method.ts";
import type { Schema } from "../../core/method/schema.ts";

/**
 * The collection of the operations that are the service's own, and the first segment of others of theirs. Lists of callers over
 * several collections leave them out.
 */
export const BUILT_IN_PARENT = "longrunning";

/** The method of operations that do one thing to many others. Its name is none that a developer can give. */
export const BULK_METHOD = "longrunning.bulk";

/** The method of operations that deliver an event to an endpoint. */
export const DELIVER_METHOD = "longrunning.deliver";

const BUILT_IN_METHODS: ReadonlySet<string> = new Set([BULK_METHOD, DELIVER_METHOD]);

/** Whether operations of a method are the service's own. */
export function isBuiltIn(method: string): boolean {
  return BUILT_IN_METHODS.has(method);
}

/** The filter of a callers' list. Where it goes over collections of which some may be ours, it passes by what is the service's own. */
export function withoutBuiltIns({ isWide, parent }: Collection, filter: Filter | null): Filter | null {
  const [first] = parent.split("/", 1);
  if (!isWide || (first !== WILDCARD && first !== BUILT_IN_PARENT)) return filter;
  const others: Filter = { kind: "not", operand: { kind: "methods", names: BUILT_IN_METHODS } };
  return filter === null ? others : { kind: "and", operands: [others, filter] };
}

/**
 * The methods of the service's own that an action on many operations does not touch: none but what is named, by its method or by its
 * collection, and never a bulk. Whoever cancels all operations does not mean the deliveries that tell of it.
 */
export function untouchedBuiltIns({ collection = "", method = "" }: NamedOperations): ReadonlySet<string> {
  const [first] = collection.split("/", 1);
  return isBuiltIn(method) || first === BUILT_IN_PARENT ? ONLY_BULKS : BUILT_IN_METHODS;
}

/** How somebody says which operations are meant. */
interface NamedOperations {
  readonly collection?: string | undefined;
  readonly method?: string | undefined;
}

const ONLY_BULKS: ReadonlySet<string> = new Set([BULK_METHOD]);

/** Attempts that a bulk may need where processes are restarted again and again. */
const ATTEMPTS = 100;

/**
 * The method of bulks. One goes on at a time, in all processes together; it is started by operators only.
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

/** A method of the service's own, of a name that no developer can give. */
export function builtInMethod(name: string, options: MethodOptions<Schema<object>, Schema<object>>): Method {
  return { ...defineMethod(options), name, verb: name };
}

/** What is asked for is checked before it becomes such a request. */
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

/** What carries out bulks. */
export interface BulkHandler {
  carryOut(request: unknown, context: Context): Promise<object>;
}

/** The methods of the service's own. Workers know them before there is an engine, whose the handlers are. */
export class BuiltIns {
  readonly methods: ReadonlyMap<string, Method>;
  #handler: BulkHandler | undefined;

  /** @param others besides bulks */
  constructor(others: readonly Method[] = []) {
    const bulk = bulkMethod(async (request, context) => {
      invariant(this.#handler !== undefined, "no handler is called before there is an engine");
      return this.#handler.carryOut(request, context);
    });
    this.methods = new Map([bulk, ...others].map((method) => [method.name, method]));
  }

  /** Says whose the handlers are. */
  bind(handler: BulkHandler): void {
    this.#handler = handler;
  }
}
