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

/** What a handler is given beside the request. */
export interface Context<Metadata = unknown, LastReport = unknown> {
  /**
   * Aborts when the work is of no use any more; its `reason` is an {@link AttemptAborted} that says why: cancelled, lease
   * lost, deadline passed, or the worker is shutting down.
   */
  readonly signal: AbortSignal;
  /** The operation's name, such as `projects/p/operations/0199…`. */
  readonly name: string;
  /** The attempt, from 1. A second attempt may find what the first left behind. */
  readonly attempt: number;
  /**
   * What an earlier attempt reported last, as callers see it, so that this one can go on from there. Null where none has
   * reported, and so for the first. It was checked when it was reported, and is not checked again.
   */
  readonly lastReport: LastReport | null;
  /**
   * Who started the operation: the same for every attempt, in whichever process it runs. Null for an operation that was
   * started before callers were kept with operations.
   */
  readonly caller: CallerIdentity | null;
  /**
   * Tells progress. Cheap: calls are coalesced, the newest wins, and it is written a few times a second at most.
   *
   * @throws {TypeError} when the value does not fit the metadata schema, or uses a field name that the service fills
   */
  report(this: void, metadata: Metadata): void;
}

/** Why an attempt's signal was aborted. */
export type AbortCause = "cancelled" | "lease-lost" | "deadline" | "shutdown";

/** The reason of an attempt's aborted signal. Its name is `AbortError`, as everywhere on the platform. */
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

/** How long finished operations of a method are kept. */
export interface TimeToLiveOptions {
  /** @default "30d" (AIP-151) */
  readonly default?: Duration;
  /** The shortest a caller may ask for. @default the shorter of "1s" and the default */
  readonly min?: Duration;
  /** The longest a caller may ask for. @default the default */
  readonly max?: Duration;
}

type InputOf<S> = S extends Schema ? NonNullable<S["~standard"]["types"]>["input"] : never;
type OutputOf<S> = S extends Schema ? NonNullable<S["~standard"]["types"]>["output"] : never;

/** What the handler of a method returns: what its response schema takes, or nothing. */
export type ResponseOf<R> = [R] extends [Schema] ? InputOf<R> : void;

/** What callers get of a method: the JSON of what its response schema gives; a message, where it is declared by a proto. */
export type ReceivedResponse<R> = [R] extends [never]
  ? unknown
  : [R] extends [Schema]
    ? Received<OutputOf<R>>
    : [R] extends [undefined]
      ? null
      : unknown;

/** What callers get of what the handler reports. */
export type ReceivedMetadata<M> = [M] extends [Schema]
  ? Received<OutputOf<M>>
  : Readonly<Record<string, unknown>>;

type Received<Value> = Value extends { readonly $typeName: string } ? Value : JsonOf<Value>;

/** Refuses schemas of what JSON does not write as an object, such as lists and dates. */
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

/** Refuses metadata schemas with members that the service fills. */
export type LeavesServiceFields<M> = M extends Schema
  ? Extract<keyof OutputOf<M>, ServiceMetadataField> extends never
    ? unknown
    : "a member has a name that the service fills"
  : unknown;

/** What the handler of a method reports. */
export type MetadataOf<M> = [M] extends [Schema] ? InputOf<M> : Readonly<Record<string, unknown>>;

/** What a caller sends. */
export type RequestOf<Q> = InputOf<Q>;

/** What a developer declares. */
export interface MethodOptions<
  Q extends Schema = Schema,
  R extends Schema | undefined = Schema | undefined,
  M extends Schema | undefined = Schema | undefined,
> {
  /** lowerCamelCase, 64 characters at most; the address is `POST /v1:{name}`. */
  readonly name: string;
  /** What it does, for the discovery document and `--help`. */
  readonly description?: string;
  /** Any Standard Schema (zod, valibot, arktype). Calls that do not fit get INVALID_ARGUMENT with field violations. */
  readonly request: Q;
  /** What the handler returns, checked before it is committed. Left out: the handler returns nothing, callers get Empty. */
  readonly response?: R & GivesObject<R>;
  /** What the handler reports, checked at each report. Its members may not be called as those that the service fills. */
  readonly metadata?: M & GivesObject<M> & LeavesServiceFields<M>;
  /** How failed attempts are repeated. */
  readonly retry?: RetryOptions;
  /**
   * The operation fails with DEADLINE_EXCEEDED if it has not ended this long after its start; after its delay where it
   * has one. Waiting for others of its key counts. @default none
   */
  readonly deadline?: Duration;
  readonly timeToLive?: TimeToLiveOptions;
  /** Handlers of this method at once in one process. @default the process's own limit */
  readonly concurrency?: number;
  /** Limits how many go on in parallel, over all processes (AIP-151). @default no limit */
  readonly parallel?: ParallelOptions<OutputOf<Q>>;
  /** The name of the resource the operation works on, for `metadata.target`. */
  readonly target?: (request: OutputOf<Q>) => string;
  /** The work. May run more than once (at-least-once execution); its outcome counts once. Or `remote()`. */
  readonly run: (
    request: OutputOf<Q>,
    context: Context<MetadataOf<M>, ReceivedMetadata<M>>,
  ) => Promise<ResponseOf<R>> | ResponseOf<R>;
}

const METHOD: unique symbol = Symbol.for("longrunning.method") as never;

/** A declared method: {@link MethodOptions} with everything filled in and checked. */
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
  /** What an operation of the method does, for `metadata.verb`: the name of a method declared in code. */
  readonly verb: string;
  /**
   * Whether the protos of a method that is declared by one know a message type, given by its full name: its callers are
   * generated from them and know no other. Undefined for a method declared in code.
   */
  readonly knows: ((type: string) => boolean) | undefined;
  /** The collection that a request of a method declared by a proto belongs to; empty for one declared in code. */
  parent(request: unknown): string;
  target(request: unknown): string;
  /** Whether workers run it over the network, and no process with the store. */
  readonly isRemote: boolean;
  run(request: unknown, context: Context): unknown;
}

/** What depends on what a method was declared by. */
export type MethodKind = Pick<Method, "codec" | "metadataShape" | "rpc" | "knows" | "parent"> &
  Partial<Pick<Method, "verb">>;

const BY_CODE: MethodKind = {
  codec: STRUCT_CODEC,
  metadataShape: undefined,
  rpc: undefined,
  knows: undefined,
  parent: () => "",
};

/**
 * Declares a method: what it takes, what it answers, and the handler that does the work.
 *
 * @throws {TypeError} naming the option that is wrong, what it may be and what it was
 */
export function defineMethod<
  Q extends Schema,
  R extends Schema | undefined = undefined,
  M extends Schema | undefined = undefined,
>(options: MethodOptions<Q, R, M>): Method<Q, R, M> {
  return declareMethod(options, BY_CODE);
}

/** A method by whatever it is declared. @throws {TypeError} naming the option that is wrong */
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
