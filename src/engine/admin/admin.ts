import { verbsOf } from "../../core/filter/verbs.ts";
import { formatName, parseName } from "../../core/operation/name.ts";
import type { Operation } from "../../core/operation/operation.ts";
import type { Random } from "../../core/ports/random.ts";
import type { StoreFacts } from "../../core/ports/described-store.ts";
import type { Store } from "../../core/ports/store.ts";
import { notFoundError } from "../missing.ts";
import { type Chain, type Permission, PERMISSIONS } from "../policy.ts";
import type { StartRequest } from "../starting/request.ts";
import type { UseCases } from "../use-cases.ts";
import { type AdminAction, checkAction, checkWithin, isWithin, type Operator } from "./access.ts";
import { againIdOf, type AdminRecord, retriedText } from "./record.ts";
import { Reads } from "./reads.ts";
import { listRows, type RowsPage, type RowsRequest } from "./rows.ts";
import { type AdminSession, type ServerFacts, sessionOf } from "./session.ts";

/** What the operators' use cases are made with. */
export interface AdminParts {
  readonly useCases: UseCases;
  /** Undefined where everything is allowed and nobody is told. */
  readonly chain: Chain | undefined;
  readonly store: Store;
  readonly random: Random;
  readonly server: ServerFacts;
}

const ACTION_PERMISSIONS: Readonly<Record<AdminAction, Permission>> = {
  start: PERMISSIONS.adminStart,
  cancel: PERMISSIONS.adminCancel,
  delete: PERMISSIONS.adminDelete,
  pause: PERMISSIONS.adminPause,
  bulk: PERMISSIONS.adminBulk,
};

/**
 * What operators see and do, as every edge has it: each call takes the operator, whose access is looked at here and nowhere
 * else, and passes the chain. Every answer has a bound on what it costs the store.
 *
 * @see proto/longrunning/v1/admin.proto
 */
export class Admin {
  readonly #parts: AdminParts;
  readonly #reads = new Reads();
  readonly #verbs: ReadonlyMap<string, string>;
  #facts: Promise<StoreFacts> | undefined;

  constructor(parts: AdminParts) {
    this.#parts = parts;
    this.#verbs = verbsOf(parts.useCases.methods);
  }

  /** Who asks, and what this server is. */
  session(operator: Operator): Promise<AdminSession> {
    const { store, server } = this.#parts;
    return this.#chained(operator, { permission: PERMISSIONS.adminRead, resource: "" }, async () => {
      this.#facts ??= store.facts();
      const { name, schema } = await this.#facts.catch((error: unknown) => {
        this.#facts = undefined;
        throw error;
      });
      return sessionOf(operator.access, server, { name, schema, time: store.time() });
    });
  }

  /** A page of operations without their payloads. @throws {StatusError} as a callers' list */
  rows(operator: Operator, request: RowsRequest): Promise<RowsPage> {
    const { store, random } = this.#parts;
    return this.#read(operator, request.collection, () =>
      listRows(operator.access, request, { store, random, verbs: this.#verbs }),
    );
  }

  /** One operation, whole. @throws {StatusError} NOT_FOUND OPERATION_NOT_FOUND, OPERATION_EXPIRED */
  record(operator: Operator, name: string): Promise<AdminRecord> {
    const { useCases, store } = this.#parts;
    return this.#read(operator, name, async () => {
      checkSeen(operator, name);
      const operation = await useCases.get(name);
      const retry = useCases.methods.get(operation.method)?.retry;
      return {
        operation,
        againOf: await this.#againOf(operator, operation),
        retried: retriedText(operation, retry),
        asOf: store.time(),
      };
    });
  }

  /** Starts an operation as a caller would. @throws {StatusError} as `Operations.start`; ADMIN_COLLECTION_REFUSED */
  start(operator: Operator, start: StartRequest): Promise<Operation> {
    const { starting } = this.#parts.useCases;
    const { method, parent: resource = "" } = start;
    return this.#act(operator, "start", { resource, method }, async () => {
      const read = await starting.read(start, {});
      checkWithin(operator.access, read.parent);
      return starting.begin(operator, read, {});
    });
  }

  /** Asks for cancellation. @throws {StatusError} as `Operations.cancel` */
  cancel(operator: Operator, name: string): Promise<void> {
    return this.#act(operator, "cancel", { resource: name }, async () => {
      checkSeen(operator, name);
      await this.#parts.useCases.cancel(name);
    });
  }

  /** Removes a record. @throws {StatusError} as `Operations.delete` */
  delete(operator: Operator, name: string): Promise<void> {
    return this.#act(operator, "delete", { resource: name }, async () => {
      checkSeen(operator, name);
      await this.#parts.useCases.delete(name);
    });
  }

  async #againOf({ access }: Operator, operation: Operation): Promise<string> {
    const id = againIdOf(operation);
    const old = id === undefined ? undefined : await this.#parts.store.read(id);
    return old !== undefined && isWithin(access, old.parent) ? formatName(old) : "";
  }

  #read<T>(operator: Operator, resource: string, read: () => Promise<T>): Promise<T> {
    const call = { permission: PERMISSIONS.adminRead, resource };
    return this.#chained(operator, call, () => this.#reads.run(read));
  }

  #act<T>(
    operator: Operator,
    action: AdminAction,
    about: { readonly resource: string; readonly method?: string },
    act: () => Promise<T>,
  ): Promise<T> {
    const call = { permission: ACTION_PERMISSIONS[action], ...about };
    return this.#chained(operator, call, async () => {
      checkAction(operator.access, action);
      return await act();
    });
  }

  #chained<T>(
    caller: Operator,
    call: { readonly permission: Permission; readonly resource: string; readonly method?: string },
    useCase: () => Promise<T>,
  ): Promise<T> {
    const { chain } = this.#parts;
    return chain === undefined ? useCase() : chain.run({ caller, ...call }, useCase);
  }
}

/** What an operator does not see is not there. @throws {StatusError} NOT_FOUND OPERATION_NOT_FOUND */
function checkSeen({ access }: Operator, name: string): void {
  const parent = parseName(name)?.parent;
  if (parent !== undefined && !isWithin(access, parent)) throw notFoundError(name);
}
