/**
 * The canonical codes of `google.rpc.Code`, by name and by number.
 *
 * @see google/rpc/code.proto; contract section 1.4
 */
export const CODES = {
  OK: 0,
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const;

/** A canonical code by name, such as `"NOT_FOUND"`. */
export type CodeName = keyof typeof CODES;

/** A code that an error may carry: all but OK. */
export type ErrorCode = Exclude<CodeName, "OK">;

const NAMES = new Map<number, CodeName>(
  Object.entries(CODES).map(([name, number]) => [number, name as CodeName]),
);

/** The name of a code number, or undefined for a number that `google.rpc.Code` does not have. */
export function codeName(number: number): CodeName | undefined {
  return NAMES.get(number);
}
