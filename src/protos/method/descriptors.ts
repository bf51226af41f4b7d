import {
  createFileRegistry,
  type DescMessage,
  type DescMethodUnary,
  type FileRegistry,
  fromBinary,
  type Message,
} from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import type { Context } from "../../core/method/method.ts";
import { didYouMean } from "../../core/value/nearest.ts";
import { shownOption } from "../../core/value/options.ts";
import type { ParallelOptions } from "../../core/method/parallel.ts";
import { type UnboundMethod, unboundMethod } from "../../core/method/unbound-method.ts";
import { type AnswerOptions, defineMethod, type RunOptions } from "./define.ts";
import { checkHandlerOptions } from "./rpc-options.ts";
import { isLongRunning, operationTypes, rpcName } from "./operation-info.ts";

/** The descriptors of an API, for use without generated code. */
export interface Descriptors {
  /**
   * An RPC by its full name, such as `google.cloud.redis.v1.CloudRedis.CreateInstance`.
   *
   * @throws {TypeError} if there is no such RPC, with the names of the existing ones
   */
  rpc(name: string): DescMethodUnary;
  /** A message by its full name, or undefined. */
  message(name: string): DescMessage | undefined;
}

/**
 * Reads a descriptor set, the output of `buf build -o api.binpb` or `protoc --descriptor_set_out
 * --include_imports`.
 *
 * @throws {TypeError} if the bytes are not a descriptor set, or imports are missing in it
 */
export function readDescriptors(bytes: Uint8Array): Descriptors {
  const registry = registryOf(bytes);
  return {
    rpc: (name) => rpcNamed(registry, name),
    message: (name) => registry.getMessage(name),
  };
}

function registryOf(bytes: Uint8Array): FileRegistry {
  try {
    return createFileRegistry(fromBinary(FileDescriptorSetSchema, bytes));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new TypeError(
      `Not a descriptor set with all its imports (${why}); make one with: buf build -o api.binpb`,
      { cause },
    );
  }
}

function rpcNamed(registry: FileRegistry, name: string): DescMethodUnary {
  const dot = name.lastIndexOf(".");
  const service = registry.getService(name.slice(0, dot));
  const rpc = service?.methods.find((method) => method.name === name.slice(dot + 1));
  if (rpc !== undefined) return rpc as DescMethodUnary;
  const all = [...registry].flatMap((desc) => (desc.kind === "service" ? desc.methods.map(rpcName) : []));
  const beside = service?.methods.map((method) => method.name) ?? [];
  const meant = didYouMean(name.slice(dot + 1), beside);
  throw new TypeError(`The descriptors have no RPC "${name}"${meant}; they have ${all.join(", ") || "none"}`);
}

/** The handler of an RPC that starts operations; messages are objects with their fields in lowerCamelCase. */
export interface HandlerOptions<Q>
  extends Omit<
    RunOptions<DescMessage, DescMessage, DescMessage>,
    "response" | "metadata" | "run" | "target" | "parent" | "parallel"
  > {
  /** @see RunOptions.target */
  readonly target?: (request: Q) => string;
  /** @see RunOptions.parent */
  readonly parent?: (request: Q) => string;
  /** @see RunOptions.parallel */
  readonly parallel?: ParallelOptions<Q>;
  /** @see RunOptions.run */
  readonly run: (
    request: Q,
    context: Context<Readonly<Record<string, unknown>>, Message & Readonly<Record<string, unknown>>>,
  ) => Promise<object | void> | object | void;
}

/** The handler of an RPC with an immediate answer. */
export interface AnswerHandlerOptions<Q> {
  readonly name?: string;
  /** @see AnswerOptions.answer */
  readonly answer: (
    request: Q,
    context: { readonly signal: { readonly aborted: boolean } },
  ) => Promise<object> | object;
}

/**
 * Declares the handler of an RPC by its full name; `longrunning serve --descriptors api.binpb`
 * finds the descriptor. Its `operation_info` gives the types of response and metadata. `Q` is your
 * own type for the request; it is not checked.
 */
export function defineHandler<Q = Readonly<Record<string, unknown>>>(
  name: string,
  options: HandlerOptions<Q> | AnswerHandlerOptions<Q>,
): UnboundMethod<Descriptors> {
  if (typeof name !== "string")
    throw new TypeError(
      `defineHandler: expected the full name of an RPC, such as "google.cloud.redis.v1.CloudRedis.CreateInstance", got ${shownOption(name)}`,
    );
  checkHandlerOptions(name, options);
  return unboundMethod(name, (descriptors) => {
    const rpc = descriptors.rpc(name);
    if (!isLongRunning(rpc))
      return defineMethod(rpc, options as unknown as AnswerOptions<DescMessage, DescMessage>);
    const types = operationTypes(rpc);
    const response = described(descriptors, rpc, types.response);
    const metadata = described(descriptors, rpc, types.metadata);
    return defineMethod(rpc, {
      ...(options as unknown as RunOptions<DescMessage, DescMessage, DescMessage>),
      ...(response === undefined ? {} : { response }),
      ...(metadata === undefined ? {} : { metadata }),
    });
  });
}

function described(
  descriptors: Descriptors,
  rpc: DescMethodUnary,
  names: readonly string[],
): DescMessage | undefined {
  if (names.length === 0) return undefined;
  const found = names.map((name) => descriptors.message(name)).find((message) => message !== undefined);
  if (found !== undefined) return found;
  throw new TypeError(
    `${rpcName(rpc)}: its operation_info names ${names[0]}, which the descriptors do not have`,
  );
}
