/**
 * The type of a value after it is written as JSON and read again: text for a Date, the result of
 * `toJSON` if there is one, and `never` for values that JSON cannot express, which are rejected.
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

/** Types that JSON would lose, which are rejected. */
export type Lost =
  | ReadonlyMap<unknown, unknown>
  | ReadonlySet<unknown>
  | RegExp
  | Error
  | PromiseLike<unknown>
  | ArrayBufferView
  | ArrayBuffer;
