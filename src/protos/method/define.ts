import {
  createRegistry,
  type DescMessage,
  type DescMethodUnary,
  type Message,
  type MessageInitShape,
  type MessageShape,
} from "@bufbuild/protobuf";
import { EmptySchema } from "@bufbuild/protobuf/wkt";
import type { Caller } from "../../core/caller.ts";
import { type AnsweredMethod, answeredMethod } from "../../core/method/answered-method.ts";
import { type Context, declareMethod, type Method, type MethodOptions } from "../../core/method/method.ts";
import { isReservedName } from "../../core/method/options.ts";
import { shownOption } from "../../core/value/options.ts";
import type { ParallelOptions } from "../../core/method/parallel.ts";
import { isRemote } from "../../core/method/remote.ts";
import type { Schema } from "../../core/method/schema.ts";
import { givenText } from "../../core/method/validation.ts";
import { messageCodec } from "./message-codec.ts";
import { messageSchema, requestSchema } from "./message-schema.ts";
import { metadataShape } from "./metadata-shape.ts";
import { checkOperationInfo, isLongRunning, operationTypes, rpcName } from "./operation-info.ts";
import { parentOf, targetOf } from "./parent.ts";
import { checkRpcOptions } from "./rpc-options.ts";
import { sampleRequest } from "./sample-request.ts";
import { verbOf } from "./verb.ts";
import { typesOfFile, withImports } from "./imported-types.ts";

/** The options of an RPC that starts operations. */
export interface RunOptions<I extends DescMessage, R extends DescMessage, M extends DescMessage>
  extends Pick<MethodOptions, "description" | "retry" | "deadline" | "timeToLive" | "concurrency"> {
  /** For `POST /v1:{name}` and the command line. @default the RPC's name in lowerCamelCase */
  readonly name?: string;
  /** The response message of the operation; omit it for google.protobuf.Empty. */
  readonly response?: R;
  /** The message of the handler's reports; omit it for a method without its own metadata. */
  readonly metadata?: M;
  /**
   * The resource that the operation works on. @default the resource in the RPC's address; for a
   * create, the name of the new resource
   */
  readonly target?: (request: MessageShape<I>) => string;
  /**
   * The collection of the operation. @default the location, region or zone of the target, or its
   * project
   */
  readonly parent?: (request: MessageShape<I>) => string;
  /**
   * Limits the parallel operations of this method, across all processes (AIP-151). @default no
   * limit
   */
  readonly parallel?: ParallelOptions<MessageShape<I>>;
  /** The handler. It may run more than once (at-least-once execution); its outcome counts once. */
  readonly run: (
    request: MessageShape<I>,
    context: Context<MessageInitShape<M>, MessageShape<M>>,
  ) => Promise<MessageInitShape<R> | void> | MessageInitShape<R> | void;
}

/** The options of an RPC with an immediate answer. */
export interface AnswerOptions<I extends DescMessage, O extends DescMessage> {
  /** @default the RPC's name in lowerCamelCase */
  readonly name?: string;
  /**
   * Answers a call. The caller gets a StatusError that it throws; any other error becomes INTERNAL,
   * and is logged.
   */
  readonly answer: (
    request: MessageShape<I>,
    context: { readonly signal: { readonly aborted: boolean }; readonly caller: Caller },
  ) => Promise<MessageInitShape<O>> | MessageInitShape<O>;
}

/** A method declared by a descriptor. */
export type ProtoMethod<I extends DescMessage, R extends DescMessage, M extends DescMessage> = Method<
  Schema<MessageInitShape<I>, MessageShape<I>>,
  Schema<MessageInitShape<R>, MessageShape<R>>,
  Schema<MessageInitShape<M>, MessageShape<M>>
>;

/**
 * Declares a method from the descriptor of its RPC, which gives the gRPC service, the REST address,
 * the types and the discovery entry.
 *
 * @param rpc from code of `protoc-gen-es`, such as `CloudRedis.method.createInstance`, or from a
 * descriptor set
 * @throws {TypeError} with the RPC and the problem, for example types that contradict its
 * `operation_info`
 */
export function defineMethod<
  I extends DescMessage,
  O extends DescMessage,
  R extends DescMessage,
  M extends DescMessage,
>(rpc: DescMethodUnary<I, O>, options: RunOptions<I, R, M>): ProtoMethod<I, R, M>;
export function defineMethod<I extends DescMessage, O extends DescMessage>(
  rpc: DescMethodUnary<I, O>,
  options: AnswerOptions<I, O>,
): AnsweredMethod;
export function defineMethod(
  rpc: DescMethodUnary,
  options: RunOptions<DescMessage, DescMessage, DescMessage> | AnswerOptions<DescMessage, DescMessage>,
): Method | AnsweredMethod {
  checkRpc(rpc);
  if (rpc.methodKind !== "unary") {
    throw new TypeError(
      `${rpcName(rpc)}: only unary RPCs are served, and this one is ${String(rpc.methodKind)}`,
    );
  }
  checkRpcOptions(rpcName(rpc), options);
  return "answer" in options ? answered(rpc, options) : longRunning(rpc, options);
}

function checkRpc(rpc: unknown): void {
  if (typeof rpc === "object" && rpc !== null && "kind" in rpc && rpc.kind === "rpc") return;
  throw new TypeError(
    `defineMethod: expected the descriptor of an RPC, such as CloudRedis.method.createInstance, got ${shownOption(rpc)}`,
  );
}

function answered(rpc: DescMethodUnary, options: AnswerOptions<DescMessage, DescMessage>): AnsweredMethod {
  if (isLongRunning(rpc)) {
    throw new TypeError(
      `${rpcName(rpc)} answers an operation; declare it with { run } instead of { answer }`,
    );
  }
  return answeredMethod({
    name: options.name ?? rpc.localName,
    rpc,
    request: requestSchema(rpc.input, typesOfFile(rpc.parent.file)),
    response: messageSchema(rpc.output, typesOfFile(rpc.parent.file)),
    answer: (request, context) => options.answer(request as Message, context),
  });
}

/**
 * Rejects an RPC with the name of one of our own calls, such as `Wait`. @throws {TypeError} with
 * the remedy
 */
function checkRpcName(rpc: DescMethodUnary, name: string | undefined): void {
  if (name !== undefined || !isReservedName(rpc.localName)) return;
  const given = `{ name: ${JSON.stringify(`${rpc.localName}${rpc.parent.name}`)}, … }`;
  throw new TypeError(
    `${rpcName(rpc)}: the name "${rpc.localName}" belongs to the Operations service; give the method another one, such as ${given}. ` +
      "Callers of the RPC do not see it.",
  );
}

/** If the `operation_info` of an RPC names no metadata, callers expect Empty. */
function emptyMetadata(rpc: DescMethodUnary): DescMessage | undefined {
  return operationTypes(rpc).metadata.includes(EmptySchema.typeName) ? EmptySchema : undefined;
}

function longRunning(
  rpc: DescMethodUnary,
  options: RunOptions<DescMessage, DescMessage, DescMessage>,
): Method {
  const {
    response = EmptySchema,
    metadata = emptyMetadata(rpc),
    target = (request: Message) => targetOf(rpc, request),
    parent = (request: Message) => parentOf(rpc, request),
    parallel,
    run,
    ...rest
  } = options;
  checkOperationInfo(rpc, { response, metadata });
  const types = typesOfFile(rpc.parent.file);
  const shape = metadata === undefined ? undefined : metadataShape(metadata);
  const imports = createRegistry(...withImports(rpc.parent.file));
  const messages = { request: rpc.input, response, metadata };
  checkRpcName(rpc, options.name);
  return declareMethod<Schema, Schema, Schema | undefined>(
    {
      ...rest,
      name: options.name ?? rpc.localName,
      request: requestSchema(rpc.input, types),
      response: messageSchema(response, types),
      metadata: metadata === undefined ? undefined : messageSchema(metadata, types),
      target: (request) => target(request as Message),
      ...(parallel === undefined ? {} : { parallel: parallel as ParallelOptions }),
      run: isRemote(run)
        ? run
        : async (request, context) =>
            (await run(request as Message, context as Context<MessageInitShape<DescMessage>, Message>)) ?? {},
    },
    {
      codec: messageCodec(messages, types, shape?.fields ?? new Map()),
      metadataShape: shape,
      rpc,
      verb: verbOf(rpc),
      sample: () => sampleRequest(rpc),
      knows: (type) => imports.getMessage(type) !== undefined,
      parent: (request) => givenText(`${rpcName(rpc)}: parent`, parent(request as Message) ?? ""),
    },
  );
}
