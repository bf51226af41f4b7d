import type { Caller } from "../../core/caller.ts";
import { kept } from "../../core/kept.ts";
import { verbsOf } from "../../core/filter/verbs.ts";
import type { Method } from "../../core/method/method.ts";
import { PERMISSIONS } from "../../core/permission.ts";
import { formatName, parseName } from "../../core/operation/name.ts";
import type { Operation } from "../../core/operation/operation.ts";
import type { Call } from "../../core/ports/authorizer.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { Random } from "../../core/ports/random.ts";
import type { Store } from "../../core/ports/store.ts";
import type { CountRequest, RowsCount, RowsPage, RowsRequest } from "../listing/rows.ts";
import { notFoundError } from "../missing.ts";
import type { Pauses } from "../pauses.ts";
import type { Chain } from "../policy.ts";
import type { StartRequest } from "../starting/request.ts";
import type { UseCases } from "../use-cases.ts";
import {
  ACTION_PERMISSIONS,
  ADMIN_PERMISSIONS,
  type AdminAction,
  checkAction,
  checkAll,
  checkWithin,
  isWithin,
  type Operator,
} from "./access.ts";
import { BUILT_IN_PARENT, BULK_METHOD } from "./built-in.ts";
import { type Bulks, type BulkStart, isBulkOf } from "./bulks.ts";
import { OperatorKeys } from "./keys.ts";
import { type FailuresPage, type FailuresRequest, Lists } from "./lists.ts";
import type { MethodDetail } from "./method-detail.ts";
import type { MethodState } from "./method-states.ts";
import { Overview, type OverviewParts, type Summary } from "./overview.ts";
import { againIdOf, type AdminRecord, retriedText } from "./record.ts";
import { Reads } from "./reads.ts";
import type { Workers } from "./workers.ts";
import { OperatorWebhooks } from "./webhooks.ts";
import { type AdminPorts, type AdminSession, permittedOf, type ServerFacts, sessionOf } from "./session.ts";

/** The parts of {@link Admin}. */
export interface AdminParts extends AdminPorts, Pick<OverviewParts, "liveCounts"> {
  readonly clock: Clock;
  /** @default none */
  readonly builtIns?: ReadonlyMap<string, Method> | undefined;
  readonly bulks: Bulks;
  readonly pauses: Pauses;
  readonly useCases: UseCases;
  /** Undefined without ports and listeners. */
  readonly chain: Chain | undefined;
  readonly store: Store;
  readonly random: Random;
  readonly server: ServerFacts;
}

/**
 * The use cases of operators for every edge. Each call takes the operator, checks its access here,
 * and goes through the chain. The cost of every answer for the store is limited.
 *
 * @see proto/longrunning/v1/admin.proto
 */
export class Admin {
  readonly #parts: AdminParts;
  readonly #reads = new Reads();
  readonly #lists: Lists;
  readonly #overview: Overview;
  readonly #facts = kept(() => this.#parts.store.facts());
  readonly keys: OperatorKeys;
  readonly webhooks: OperatorWebhooks;

  constructor(parts: AdminParts) {
    this.#parts = parts;
    this.keys = new OperatorKeys(parts.apiKeys, (operator, rpc, act) =>
      this.#act(operator, "keys", { resource: "", rpc }, () => (checkAll(operator), act())),
    );
    this.webhooks = new OperatorWebhooks({
      ...parts,
      reads: this.#reads,
      calls: {
        look: (operator, rpc, resource, look) =>
          this.#timely(operator, about(rpc, resource), async () => (checkAll(operator), look())),
        act: (operator, { action, ...what }, act) =>
          this.#act(operator, action, what, async (whose) => (checkAll(operator), act(whose))),
      },
    });
    const verbs = verbsOf(parts.useCases.methods);
    this.#lists = new Lists({ ...parts, verbs, reads: this.#reads });
    const { builtIns = new Map<string, Method>() } = parts;
    const methods = new Map([...parts.useCases.methods, ...builtIns]);
    this.#overview = new Overview({ ...parts, methods, builtIns, reads: this.#reads });
  }

  /** As {@link Chain.admit}, for a caller without any operator permission. */
  admit(caller: Caller): Promise<never> | undefined {
    return this.#parts.chain?.admit({ caller, ...about("GetSession") }, ADMIN_PERMISSIONS);
  }

  /** The operator and facts about this server. */
  session(operator: Operator): Promise<AdminSession> {
    const { store, server } = this.#parts;
    return this.#timely(operator, about("GetSession"), async () => {
      const { name, schema } = await this.#facts();
      const access = await permittedOf(operator, this.#parts.chain);
      return sessionOf(access, server, { name, schema, time: store.time() });
    });
  }

  /** A page of operations without their payloads. @throws {StatusError} as a callers' list */
  rows(operator: Operator, request: RowsRequest): Promise<RowsPage> {
    return this.#timely(operator, about("ListOperationRows", request.collection), () =>
      this.#lists.rows(operator.access, request),
    );
  }

  /** Counts matching operations. @throws {StatusError} as a callers' list */
  count(operator: Operator, request: CountRequest): Promise<RowsCount> {
    return this.#timely(operator, about("CountOperationRows", request.collection), () =>
      this.#lists.count(operator.access, request),
    );
  }

  /** Everything at a glance. @throws {StatusError} as {@link Overview.summary}; PERMISSION_DENIED ADMIN_COLLECTION_REFUSED */
  summary(operator: Operator, range: string): Promise<Summary> {
    return this.#looked(operator, "GetSummary", () => {
      checkAll(operator);
      return this.#overview.summary(range);
    });
  }

  /** All methods, most urgent first; without counts for an operator with a scope. */
  methods(operator: Operator, range: string): Promise<Pick<Summary, "methods" | "asOf">> {
    return this.#looked(operator, "ListMethodStates", async () =>
      operator.access.scope === undefined ? await this.#overview.methods(range) : this.#overview.declared(),
    );
  }

  /** One method in detail, as {@link methods}. @throws {StatusError} NOT_FOUND METHOD_NOT_FOUND */
  method(operator: Operator, name: string, range: string): Promise<MethodDetail> {
    return this.#looked(operator, "GetMethodState", async () =>
      operator.access.scope === undefined
        ? await this.#overview.method(name, range)
        : this.#overview.declaredMethod(name),
    );
  }

  /**
   * The most frequent failures of one method or all.
   * @throws {StatusError} INVALID_ARGUMENT RANGE_INVALID; ADMIN_COLLECTION_REFUSED
   */
  failures(operator: Operator, asked: FailuresRequest): Promise<FailuresPage> {
    return this.#looked(operator, "ListFailures", () => {
      checkAll(operator);
      return this.#lists.failures(asked);
    });
  }

  /** Live and recently vanished processes. @throws {StatusError} ADMIN_COLLECTION_REFUSED */
  workers(operator: Operator): Promise<Workers> {
    return this.#looked(operator, "ListWorkers", () => {
      checkAll(operator);
      return this.#overview.workers();
    });
  }

  /** Stops new attempts in all processes. @throws {StatusError} NOT_FOUND METHOD_NOT_FOUND */
  pause(operator: Operator, method: string): Promise<MethodState> {
    return this.#act(operator, "pause", { resource: "", method }, async () => {
      checkAll(operator);
      await this.#overview.state(method);
      await this.#parts.pauses.pause(method);
      return this.#overview.stateAnew(method);
    });
  }

  /** Ends a pause, if there is one. @throws {StatusError} NOT_FOUND METHOD_NOT_FOUND */
  resume(operator: Operator, method: string): Promise<MethodState> {
    return this.#act(operator, "pause", { resource: "", method, rpc: "ResumeMethod" }, async () => {
      checkAll(operator);
      await this.#overview.state(method);
      await this.#parts.pauses.resume(method);
      return this.#overview.stateAnew(method);
    });
  }

  /** Starts an operation that changes many others. @throws {StatusError} as {@link Bulks.start} */
  bulk(operator: Operator, asked: BulkStart): Promise<Operation> {
    const what = { resource: asked.collection, method: BULK_METHOD };
    return this.#act(operator, "bulk", what, async () => {
      // The actions on single operations do not go through the chain.
      const access = await permittedOf(operator, this.#parts.chain, asked.collection);
      return this.#parts.bulks.start({ ...operator, access }, asked);
    });
  }

  /**
   * One operation with all details. @throws {StatusError} NOT_FOUND OPERATION_NOT_FOUND,
   * OPERATION_EXPIRED
   */
  record(operator: Operator, name: string): Promise<AdminRecord> {
    const { useCases, store } = this.#parts;
    return this.#read(operator, about("GetOperationRecord", name), async () => {
      await this.#checkSeen(operator, name);
      const operation = await useCases.get(name);
      return {
        operation,
        againOf: await this.#againOf(operator, operation),
        retried: retriedText(operation, useCases.methods.get(operation.method)),
        asOf: store.time(),
      };
    });
  }

  /** Starts an operation as a caller would. @throws {StatusError} as `Operations.start`; ADMIN_COLLECTION_REFUSED */
  start(operator: Operator, start: StartRequest): Promise<Operation> {
    const { starting } = this.#parts.useCases;
    const { method, parent: resource = "" } = start;
    return this.#act(operator, "start", { resource, method }, async (whose) => {
      const read = await starting.read(start, {});
      checkWithin(operator.access, read.parent);
      return starting.begin(whose, read, {});
    });
  }

  /** Asks for cancellation. @throws {StatusError} as `Operations.cancel` */
  cancel(operator: Operator, name: string): Promise<void> {
    return this.#act(operator, "cancel", { resource: name }, async () => {
      await this.#checkSeen(operator, name);
      await this.#parts.useCases.cancel(name);
    });
  }

  /** Removes a record. @throws {StatusError} as `Operations.delete` */
  delete(operator: Operator, name: string): Promise<void> {
    return this.#act(operator, "delete", { resource: name }, async () => {
      await this.#checkSeen(operator, name);
      await this.#parts.useCases.delete(name);
    });
  }

  async #againOf({ access }: Operator, operation: Operation): Promise<string> {
    const id = againIdOf(operation);
    const old = id === undefined ? undefined : await this.#parts.store.read(id);
    return old !== undefined && isWithin(access, old.parent) ? formatName(old) : "";
  }

  /**
   * Operations outside the operator's scope are not found. @throws {StatusError} NOT_FOUND
   * OPERATION_NOT_FOUND
   */
  async #checkSeen(operator: Operator, name: string): Promise<void> {
    const parsed = parseName(name);
    if (parsed === undefined || isWithin(operator.access, parsed.parent)) return;
    const bulk = parsed.parent === BUILT_IN_PARENT ? await this.#parts.store.read(parsed.id) : undefined;
    if (bulk === undefined || !isBulkOf(bulk, operator)) throw notFoundError(name);
  }

  #looked<T>(operator: Operator, rpc: string, look: () => Promise<T>): Promise<T> {
    return this.#timely(operator, about(rpc), async () => look());
  }

  #read<T>(operator: Operator, call: About, read: () => Promise<T>): Promise<T> {
    return this.#timely(operator, call, () => this.#reads.run(read));
  }

  #timely<T>(operator: Operator, call: About, read: () => Promise<T>): Promise<T> {
    return this.#chained(operator, call, () => this.#parts.useCases.timely.of(read()));
  }

  #act<T>(
    operator: Operator,
    action: AdminAction,
    what: Omit<About, "permission">,
    act: (whose: Caller) => Promise<T>,
  ): Promise<T> {
    const call = { permission: ACTION_PERMISSIONS[action], ...what };
    return this.#chained(operator, call, async (whose) => {
      checkAction(operator.access, action);
      try {
        return await act(whose);
      } finally {
        this.#lists.forget();
      }
    });
  }

  #chained<T>(caller: Operator, call: About, useCase: (whose: Caller) => Promise<T>): Promise<T> {
    const { chain } = this.#parts;
    return chain === undefined ? useCase(caller) : chain.run({ caller, ...call }, useCase);
  }
}

/** A call without its caller. */
type About = Omit<Call, "caller">;

/** A read, by its RPC. */
function about(rpc: string, resource = ""): About {
  return { permission: PERMISSIONS.adminRead, resource, rpc };
}
