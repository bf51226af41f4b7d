import type { Caller } from "../caller.ts";
import { isMethod, type Method } from "./method.ts";
import type { Schema } from "./schema.ts";
import type { AbortSource } from "../ports/abort.ts";

const ANSWERED: unique symbol = Symbol.for("longrunning.answered") as never;

/** The second argument of the `answer` function. */
export interface AnswerContext {
  readonly caller: Caller;
  /** Aborts when the caller hangs up. */
  readonly signal: AbortSource;
}

/**
 * An RPC with an immediate answer, without an operation. It can be declared next to long-running
 * RPCs, so that one module implements a whole service.
 */
export interface AnsweredMethod {
  readonly [ANSWERED]: true;
  readonly name: string;
  /** The descriptor of the RPC. */
  readonly rpc: unknown;
  readonly request: Schema;
  readonly response: Schema;
  answer(request: unknown, context: AnswerContext): unknown;
}

/** Creates an answered method from its parts. */
export function answeredMethod(parts: Omit<AnsweredMethod, typeof ANSWERED>): AnsweredMethod {
  return { [ANSWERED]: true, ...parts };
}

/** Whether a value is an {@link AnsweredMethod}. */
export function isAnsweredMethod(value: unknown): value is AnsweredMethod {
  return typeof value === "object" && value !== null && ANSWERED in value;
}

/** The methods of a service. */
export type DeclaredMethod = Method | AnsweredMethod;

/** Whether a value, such as an export of a user's module, is a method. */
export function isDeclaredMethod(value: unknown): value is DeclaredMethod {
  return isMethod(value) || isAnsweredMethod(value);
}
