/**
 * What a value is after it was written as JSON and read again: a Date is text, what has a `toJSON` is what that gives, and what
 * JSON cannot hold is `never`, since writing it is refused.
 */
export type JsonOf<Value> = 0 extends 1 & Value
  ? Value
  : Value extends { toJSON(...key: never): infer Json }
    ? MembersOf<Json>
    : MembersOf<Value>;

type MembersOf<Value> = Value extends string | number | boolean | null | undefined
  ? Value
  : Value extends bigint | symbol | Lost | ((...given: never) => unknown)
    ? never
    : Value extends object
      ? { [Name in keyof Value]: JsonOf<Value[Name]> }
      : unknown extends Value
        ? Value
        : null;

/** What JSON would lose, and so refuses. */
export type Lost =
  | ReadonlyMap<unknown, unknown>
  | ReadonlySet<unknown>
  | RegExp
  | Error
  | PromiseLike<unknown>
  | ArrayBufferView
  | ArrayBuffer;
