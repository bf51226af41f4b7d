import { ANONYMOUS, type Caller, IN_PROCESS } from "../core/caller.ts";
import { invariant } from "../core/invariant.ts";
import { StatusError } from "../core/error/error.ts";
import type { AnsweredMethod } from "../core/method/answered-method.ts";
import type { Method } from "../core/method/method.ts";
import type { Operation } from "../core/operation/operation.ts";
import { type Permission, PERMISSIONS } from "../core/permission.ts";
import type { AbortSource } from "../core/ports/abort.ts";
import type { Call } from "../core/ports/authorizer.ts";
import type { Change } from "../core/ports/store.ts";
import type { ListPage, ListRequest } from "./listing/list.ts";
import type { Chain } from "./policy.ts";
import type { StartRequest } from "./starting/request.ts";
import type { ReadStart, StartSetting } from "./starting/starting.ts";
import type { AnswerSetting, UseCases, WaitSetting } from "./use-cases.ts";
import type { Watch, Watcher, WatchSetting } from "./watching/watcher.ts";
import type { WatchedOperation, WatchedOperations, WatchRequest } from "./watching/watching.ts";

/**
 * The use cases for every edge (REST, gRPC, in process). Each takes the caller and goes through the
 * chain. Each throws the errors of its namesake in `UseCases` and of the chain.
 */
export class Operations {
  /** The declared methods by name. */
  readonly methods: ReadonlyMap<string, Method>;
  readonly #useCases: UseCases;
  /** Undefined without ports and listeners; then no `Call` objects are created. */
  readonly #chain: Chain | undefined;

  constructor(useCases: UseCases, chain: Chain | undefined) {
    this.methods = useCases.methods;
    this.#useCases = useCases;
    this.#chain = chain;
  }

  /**
   * Whether a caller may be refused before its request is read: an anonymous caller of a service
   * with rules.
   */
  asksBefore({ principal }: Caller): boolean {
    return this.#chain !== undefined && principal === ANONYMOUS.principal;
  }

  /**
   * As {@link Chain.admit}. Edges call it first, so that a caller without permissions learns
   * nothing.
   *
   * @param permissions @default the permission of the call
   */
  admit(call: Call, permissions?: readonly Permission[]): Promise<never> | undefined {
    return this.#chain?.admit(call, permissions);
  }

  /** Executes a method with an immediate answer. */
  answer(
    caller: Caller,
    method: AnsweredMethod,
    request: unknown,
    setting: Omit<AnswerSetting, "caller">,
  ): Promise<unknown> {
    const answer = (): Promise<unknown> => this.#useCases.answer(method, request, { ...setting, caller });
    if (this.#chain === undefined) return answer();
    const permission = PERMISSIONS.answer;
    return this.#chain.run({ caller, permission, resource: "", method: method.name }, answer);
  }

  /** Answers a call for a description of the service. */
  discover<T>(caller: Caller, describe: () => Promise<T>): Promise<T> {
    if (this.#chain === undefined) return describe();
    return this.#chain.run({ caller, permission: PERMISSIONS.discover, resource: "" }, describe);
  }

  /**
   * The subset of some permissions that a caller has on a resource, whether it exists or not. Needs
   * the permission for {@link discover}.
   */
  async testPermissions(
    caller: Caller,
    resource: string,
    asked: readonly string[],
  ): Promise<readonly string[]> {
    const known = Object.values(PERMISSIONS).filter((each) => asked.includes(each));
    const chain = this.#chain;
    if (chain === undefined) return known;
    const call = { caller, permission: PERMISSIONS.discover, resource, method: TEST_PERMISSIONS };
    return chain.run(call, async () => {
      const held = await Promise.all(
        known.map((permission) => chain.permits({ caller, permission, resource })),
      );
      return known.filter((_, index) => held[index]);
    });
  }

  /** Starts an operation. `startMany` makes one such call for each start. */
  start(caller: Caller, start: StartRequest, setting: StartSetting = {}): Promise<Operation> {
    const { starting } = this.#useCases;
    if (this.#chain === undefined) return starting.start(caller, start, setting);
    const { method, parent: resource = "" } = start;
    const within = start.transaction === undefined ? {} : ({ inTransaction: true } as const);
    const call = { caller, permission: PERMISSIONS.start, resource, method, ...within };
    if (!starting.findsParentInRequest(start))
      return this.#chain.run(call, (whose) => starting.start(whose, start, setting));
    let read: ReadStart | undefined;
    const findResource = async (): Promise<string> => (read = await starting.read(start, setting)).parent;
    const begin = async (whose: Caller): Promise<Operation> => {
      invariant(read !== undefined, "the parent was found in what was read");
      return starting.begin(whose, read, setting);
    };
    return this.#chain.run(call, begin, findResource);
  }

  /** The latest state of an operation. */
  get(caller: Caller, name: string): Promise<Operation> {
    if (this.#chain === undefined) return this.#useCases.get(name);
    const permission = PERMISSIONS.get;
    return this.#chain.run({ caller, permission, resource: name }, () => this.#useCases.get(name));
  }

  /**
   * Identifies the caller's view. Edges cache answers of {@link get} by it; undefined: answers for
   * this caller are not cached.
   */
  viewOf(caller: Caller): string | undefined {
    return this.#chain === undefined ? "" : this.#chain.viewOf(caller);
  }

  /**
   * Executes a {@link get} whose answer an edge may have cached for callers with the same view. As
   * {@link Chain.answerKept}.
   *
   * @param nameOf reads the name in the request; undefined if the request is for something else
   */
  getKept<Answer>(
    caller: Caller,
    nameOf: () => string | undefined,
    find: () => Answer | undefined,
  ): Answer | undefined {
    if (this.#chain === undefined) return find();
    const resource = nameOf();
    if (resource === undefined) return undefined;
    return this.#chain.answerKept({ caller, permission: PERMISSIONS.get, resource }, find);
  }

  /** A page of operations, of one collection or across several; newest first by default. */
  list(caller: Caller, request: ListRequest): Promise<ListPage> {
    if (this.#chain === undefined) return this.#useCases.list(request);
    const call = { caller, permission: PERMISSIONS.list, resource: request.parent };
    const chain = this.#chain;
    const { principal } = caller;
    return chain.run(call, () =>
      this.#useCases.list({ ...request, principal, within: chain.parentsOf(call) }),
    );
  }

  /** Requests cancellation. */
  cancel(caller: Caller, name: string): Promise<void> {
    if (this.#chain === undefined) return this.#useCases.cancel(name);
    const permission = PERMISSIONS.cancel;
    return this.#chain.run({ caller, permission, resource: name }, () => this.#useCases.cancel(name));
  }

  /** Removes the record. */
  delete(caller: Caller, name: string): Promise<void> {
    if (this.#chain === undefined) return this.#useCases.delete(name);
    const permission = PERMISSIONS.delete;
    return this.#chain.run({ caller, permission, resource: name }, () => this.#useCases.delete(name));
  }

  /** Waits until the operation is done, and returns its latest state. */
  wait(caller: Caller, name: string, options: WaitSetting = {}): Promise<Operation> {
    if (this.#chain === undefined) return this.#useCases.wait(name, options);
    const call = { caller, permission: PERMISSIONS.wait, resource: name };
    return this.#chain.hold(call, options.signal ?? options.waiting, (signal) =>
      this.#useCases.wait(name, { ...options, signal }),
    );
  }

  /** Watches an operation until it is done or removed, or the caller loses the permission. */
  watchOperation(
    caller: Caller,
    name: string,
    watcher: Watcher,
    setting: WatchSetting = {},
  ): Promise<WatchedOperation> {
    const { watching } = this.#useCases;
    const call = { caller, permission: PERMISSIONS.watch, resource: name };
    return this.#watched(call, watcher, () => watching.watchOperation(name, watcher, setting));
  }

  /**
   * Watches the operations of a collection. For several collections it needs the permission for
   * all.
   */
  watchOperations(
    caller: Caller,
    request: WatchRequest,
    watcher: Watcher,
    setting: WatchSetting = {},
  ): Promise<WatchedOperations> {
    const { watching } = this.#useCases;
    const call = { caller, permission: PERMISSIONS.watch, resource: request.parent, rpc: "WatchOperations" };
    return this.#watched(call, watcher, (whose) =>
      watching.watchOperations(request, watcher, { ...setting, caller: knownCaller(whose) }),
    );
  }

  /** Begins a watch, which lasts until its caller loses the permission. */
  async #watched<W extends { readonly watch: Watch }>(
    call: Call,
    watcher: Watcher,
    begin: (whose: Caller) => Promise<W>,
  ): Promise<W> {
    const timely = (whose: Caller): Promise<W> => this.#timely(begin(whose));
    if (this.#chain === undefined) return timely(call.caller);
    const since = this.#chain.changes;
    const begun = await this.#chain.run(call, timely);
    const { watch } = begun;
    this.#chain
      .goOn(call, since, (signal) => endOf(watch, signal))
      .catch((error: unknown) => {
        watch.leave();
        watcher.ended(error instanceof StatusError ? error : undefined);
      });
    return begun;
  }

  /** A watch that begins too late has no caller any more. */
  async #timely<W extends { readonly watch: Watch }>(begun: Promise<W>): Promise<W> {
    try {
      return await this.#useCases.timely.of(begun);
    } catch (error) {
      begun.then(
        ({ watch }) => watch.leave(),
        () => {},
      );
      throw error;
    }
  }

  /** The number of watching callers. */
  get watching(): number {
    return this.#useCases.watching.count;
  }

  /** The number of waiting callers. */
  get waiting(): number {
    return this.#useCases.waiting;
  }

  /** Whether the server is stopping. */
  get stopping(): boolean {
    return this.#useCases.stopping;
  }

  /** Whether `watch` announces every change. */
  get tellsEveryChange(): boolean {
    return this.#useCases.tellsEveryChange;
  }

  /**
   * Announces changes, before the caller of the write is answered. @returns removes the listener
   */
  watch(listener: (changes: readonly Change[]) => void): () => void {
    return this.#useCases.watch(listener);
  }

  /** The recommended time until the next poll of an operation that is not done. */
  pollIntervalMs(operation: Operation): number {
    return this.#useCases.pollIntervalMs(operation);
  }

  /** The store is about to be closed. */
  end(): void {
    this.#useCases.timely.stop();
  }

  /** Refuses new starts and watches, answers all waiters, and ends all watches. */
  stop(): void {
    this.#useCases.stop();
    this.#chain?.stop();
  }
}

/** The caller's name, if it identifies one caller; the anonymous caller and this process do not. */
function knownCaller({ principal, tenant }: Caller): WatchSetting["caller"] {
  const isMany = principal === ANONYMOUS.principal || principal === IN_PROCESS.principal;
  return { principal: isMany ? undefined : principal, tenant };
}

/** @see google/iam/v1/iam_policy.proto */
const TEST_PERMISSIONS = "google.iam.v1.IAMPolicy.TestIamPermissions";

/** Resolves when a watch has ended or must end. */
function endOf(watch: Watch, signal: AbortSource): Promise<void> {
  return new Promise((resolve) => {
    if (watch.isOver || signal.aborted) return resolve();
    watch.onOver = resolve;
    signal.addEventListener("abort", resolve);
  });
}
