import type { CallerIdentity } from "../caller.ts";
import { type MetadataShape, type MethodCodec, STRUCT_CODEC } from "./codec.ts";
import type { Duration } from "../value/duration.ts";
import type { JsonOf, Lost } from "../value/json-type.ts";
import type { ServiceMetadataField } from "./metadata.ts";
import { checkMethodOptions, deadlineMs, timeToLive } from "./options.ts";
import { type ParallelOptions, type ParallelPolicy, parallelPolicy } from "./parallel.ts";
import { type RetryOptions, type RetryPolicy, retryPolicy } from "./retry.ts";
import { isRemote } from "./remote.ts";
import type { Schema } from "./schema.ts";
import { givenText } from "./validation.ts";

/** The second argument of a handler. */
export interface Context<Metadata = unknown, LastReport = unknown> {
  /**
   * Aborts when the handler should stop. Its `reason` is an {@link AttemptAborted} with the cause:
   * cancelled, lease lost, deadline passed, or worker shutting down.
   */
  readonly signal: AbortSignal;
  /** The operation's name, such as `projects/p/operations/0199…`. */
  readonly name: string;
  /** The attempt number, from 1. A later attempt may find leftovers of an earlier one. */
  readonly attempt: number;
  /**
   * The last report of an earlier attempt, as callers see it, so that this attempt can continue from
   * it. Null if no earlier attempt reported. It was checked when it was reported, and is not checked
   * again.
   */
  readonly lastReport: LastReport | null;
  /**
   * The caller who started the operation, the same for every attempt. Null for an operation started
   * by a version that did not store callers.
   */
  readonly caller: CallerIdentity | null;
  /**
   * Reports progress. Calls are cheap: the service writes only the newest value, a few times a
   * second at most.
   *
   * @throws {TypeError} if the value does not match the metadata schema, or contains a field that
   * the service fills
   */
  report(this: void, metadata: Metadata): void;
}

/** The cause of an aborted attempt. */
export type AbortCause = "cancelled" | "lease-lost" | "deadline" | "shutdown";

/**
 * The `reason` of an attempt's aborted signal. Its name is `AbortError`, as usual for abort errors.
 */
export class AttemptAborted extends Error {
  override readonly name = "AbortError";
  readonly why: AbortCause;

  constructor(why: AbortCause) {
    super(ABORT_TEXT[why]);
    this.why = why;
  }
}

const ABORT_TEXT: Record<AbortCause, string> = {
  cancelled: "The operation was asked to cancel.",
  "lease-lost": "The lease of this attempt was lost; another attempt may be running.",
  deadline: "The operation's deadline has passed.",
  shutdown: "The worker is shutting down; another will run the operation again.",
};

/** How long done operations of a method are kept. */
export interface TimeToLiveOptions {
  /** @default "30d" (AIP-151) */
  readonly default?: Duration;
  /** The shortest time that a caller may request. @default the shorter of "1s" and the default */
  readonly min?: Duration;
  /** The longest time that a caller may request. @default the value of `default` */
  readonly max?: Duration;
}

type InputOf<S> = S extends Schema ? NonNullable<S["~standard"]["types"]>["input"] : never;
type OutputOf<S> = S extends Schema ? NonNullable<S["~standard"]["types"]>["output"] : never;

/** The return type of a method's handler: the input of its response schema, or void. */
export type ResponseOf<R> = [R] extends [Schema] ? InputOf<R> : void;

/**
 * The response type that callers receive: the JSON of the response schema's output, or a message
 * for a method declared by a proto.
 */
export type ReceivedResponse<R> = [R] extends [never]
  ? unknown
  : [R] extends [Schema]
    ? Received<OutputOf<R>>
    : [R] extends [undefined]
      ? null
      : unknown;

/** The metadata type that callers receive. */
export type ReceivedMetadata<M> = [M] extends [Schema]
  ? Received<OutputOf<M>>
  : Readonly<Record<string, unknown>>;

type Received<Value> = Value extends { readonly $typeName: string } ? Value : JsonOf<Value>;

/** Rejects schemas whose output is not a JSON object, such as lists and dates. */
export type GivesObject<S> = S extends Schema ? MaybeObject<OutputOf<S>> : unknown;

type MaybeObject<Output> = 0 extends 1 & Output
  ? unknown
  : [Output] extends [NoObject]
    ? "expected a schema of an object"
    : unknown;

type NoObject =
  | string
  | number
  | boolean
  | bigint
  | symbol
  | readonly unknown[]
  | Lost
  | ((...given: never) => unknown)
  | { toJSON(...key: never): string | number | boolean | readonly unknown[] };

/** Rejects metadata schemas with fields that the service fills. */
export type LeavesServiceFields<M> = M extends Schema
  ? Extract<keyof OutputOf<M>, ServiceMetadataField> extends never
    ? unknown
    : "a member has a name that the service fills"
  : unknown;

/** The type of the metadata that a handler reports. */
export type MetadataOf<M> = [M] extends [Schema] ? InputOf<M> : Readonly<Record<string, unknown>>;

/** The type of a request. */
export type RequestOf<Q> = InputOf<Q>;

/** The options of {@link defineMethod}. */
export interface MethodOptions<
  Q extends Schema = Schema,
  R extends Schema | undefined = Schema | undefined,
  M extends Schema | undefined = Schema | undefined,
> {
  /** lowerCamelCase, 64 characters at most; the address is `POST /v1:{name}`. */
  readonly name: string;
  /** A description of the method, for the discovery document and `--help`. */
  readonly description?: string;
  /**
   * Any Standard Schema (zod, valibot, arktype). A request that does not match gets
   * INVALID_ARGUMENT with field violations.
   */
  readonly request: Q;
  /**
   * The schema of the handler's result, checked before the commit. Without it, the handler returns
   * nothing and callers get Empty.
   */
  readonly response?: R & GivesObject<R>;
  /**
   * The schema of the handler's reports, checked at each report. It must not contain fields that
   * the service fills.
   */
  readonly metadata?: M & GivesObject<M> & LeavesServiceFields<M>;
  /** The retry policy for failed attempts. */
  readonly retry?: RetryOptions;
  /**
   * The operation fails with DEADLINE_EXCEEDED if it takes longer. The time counts from the start
   * plus the delay, and includes the wait for a place of its key. @default none
   */
  readonly deadline?: Duration;
  readonly timeToLive?: TimeToLiveOptions;
  /**
   * The number of concurrent handlers of this method in one process. @default the limit of the
   * process
   */
  readonly concurrency?: number;
  /**
   * Limits the parallel operations of this method, across all processes (AIP-151). @default no
   * limit
   */
  readonly parallel?: ParallelOptions<OutputOf<Q>>;
  /** The name of the resource the operation works on, for `metadata.target`. */
  readonly target?: (request: OutputOf<Q>) => string;
  /**
   * The handler. It may run more than once (at-least-once execution); its outcome is stored once.
   * Or `remote()`.
   */
  readonly run: (
    request: OutputOf<Q>,
    context: Context<MetadataOf<M>, ReceivedMetadata<M>>,
  ) => Promise<ResponseOf<R>> | ResponseOf<R>;
}

const METHOD: unique symbol = Symbol.for("longrunning.method") as never;

/** A declared method: {@link MethodOptions}, validated and with all defaults. */
export interface Method<
  Q extends Schema = Schema,
  R extends Schema | undefined = Schema | undefined,
  M extends Schema | undefined = Schema | undefined,
> {
  readonly [METHOD]: { readonly types?: { readonly request: Q; readonly response: R; readonly metadata: M } };
  readonly name: string;
  readonly description: string;
  readonly request: Schema;
  readonly response: Schema | undefined;
  readonly metadata: Schema | undefined;
  readonly retry: RetryPolicy;
  readonly deadlineMs: number | null;
  readonly timeToLive: { readonly defaultMs: number; readonly minMs: number; readonly maxMs: number };
  readonly concurrency: number | null;
  /** Null for no limit. */
  readonly parallel: ParallelPolicy | null;
  readonly codec: MethodCodec;
  /** The metadata type of a method declared by a proto; undefined for a Struct. */
  readonly metadataShape: MetadataShape | undefined;
  /** The descriptor of a method declared by a proto; undefined for one declared in code. */
  readonly rpc: unknown;
  /**
   * Returns a request that a method declared by a proto would probably accept, as JSON. Undefined
   * for a method declared in code, whose schema gives one.
   */
  readonly sample: (() => unknown) | undefined;
  /** The value of `metadata.verb`. For a method declared in code, it is the name of the method. */
  readonly verb: string;
  /**
   * Whether the protos of the method contain a message type, given by its full name. Clients
   * generated from these protos know no other types. Undefined for a method declared in code.
   */
  readonly knows: ((type: string) => boolean) | undefined;
  /**
   * The parent collection of a request, for a method declared by a proto. Empty for a method
   * declared in code.
   */
  parent(request: unknown): string;
  target(request: unknown): string;
  /** Whether only workers without the store run this method, over the network. */
  readonly isRemote: boolean;
  run(request: unknown, context: Context): unknown;
}

/** The parts of a method that depend on its declaration (code or proto). */
export type MethodKind = Pick<Method, "codec" | "metadataShape" | "rpc" | "knows" | "parent"> &
  Partial<Pick<Method, "verb" | "sample">>;

const BY_CODE: MethodKind = {
  codec: STRUCT_CODEC,
  metadataShape: undefined,
  rpc: undefined,
  knows: undefined,
  parent: () => "",
};

/**
 * Declares a method: its request and response schemas, and its handler.
 *
 * @throws {TypeError} with the invalid option, its allowed values and its value
 */
export function defineMethod<
  Q extends Schema,
  R extends Schema | undefined = undefined,
  M extends Schema | undefined = undefined,
>(options: MethodOptions<Q, R, M>): Method<Q, R, M> {
  return declareMethod(options, BY_CODE);
}

/** Declares a method of any kind. @throws {TypeError} with the invalid option */
export function declareMethod<
  Q extends Schema,
  R extends Schema | undefined = undefined,
  M extends Schema | undefined = undefined,
>(options: MethodOptions<Q, R, M>, kind: MethodKind): Method<Q, R, M> {
  checkMethodOptions(options, kind);
  const { name, concurrency = null } = options;
  return {
    [METHOD]: {},
    name,
    description: options.description ?? "",
    request: options.request,
    response: options.response,
    metadata: options.metadata,
    retry: retryPolicy(options.retry, `${name}: retry`),
    deadlineMs: deadlineMs(name, options.deadline),
    timeToLive: timeToLive(name, options.timeToLive),
    concurrency,
    parallel: options.parallel === undefined ? null : parallelPolicy(name, options.parallel),
    ...kind,
    verb: kind.verb ?? name,
    sample: kind.sample,
    target: (request) => givenText(`${name}: target`, options.target?.(request as OutputOf<Q>) ?? ""),
    isRemote: isRemote(options.run),
    run: (request, context) =>
      options.run(request as OutputOf<Q>, context as Context<MetadataOf<M>, ReceivedMetadata<M>>),
  };
}

/** Whether a value, such as an export of a user's module, is a method. */
export function isMethod(value: unknown): value is Method {
  return typeof value === "object" && value !== null && METHOD in value;
}
