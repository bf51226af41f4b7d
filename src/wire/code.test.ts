import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { CODES, type CodeName } from "../core/error/code.ts";
import { serviceError, StatusError } from "../core/error/error.ts";
import {
  codeOfHttpStatus,
  httpStatusOf,
  httpStatusOfError,
  isEmptyStatus,
  isRedirect,
  isWorthRetrying,
} from "./code.ts";

suite("httpStatusOf() is the table of contract 1.4:", () => {
  const table: Record<CodeName, number> = {
    OK: 200,
    CANCELLED: 499,
    UNKNOWN: 500,
    INVALID_ARGUMENT: 400,
    DEADLINE_EXCEEDED: 504,
    NOT_FOUND: 404,
    ALREADY_EXISTS: 409,
    PERMISSION_DENIED: 403,
    RESOURCE_EXHAUSTED: 429,
    FAILED_PRECONDITION: 400,
    ABORTED: 409,
    OUT_OF_RANGE: 400,
    UNIMPLEMENTED: 501,
    INTERNAL: 500,
    UNAVAILABLE: 503,
    DATA_LOSS: 500,
    UNAUTHENTICATED: 401,
  };
  for (const code of Object.keys(CODES) as CodeName[]) {
    test(`${code} is ${table[code]}`, () => assert.equal(httpStatusOf(code), table[code]));
  }
});

suite("codeOfHttpStatus() is the table of contract 3.6:", () => {
  const table: [number, CodeName][] = [
    [199, "UNKNOWN"],
    [200, "OK"],
    [204, "OK"],
    [299, "OK"],
    [300, "UNKNOWN"],
    [304, "UNKNOWN"],
    [399, "UNKNOWN"],
    [400, "INVALID_ARGUMENT"],
    [401, "UNAUTHENTICATED"],
    [403, "PERMISSION_DENIED"],
    [404, "NOT_FOUND"],
    [405, "FAILED_PRECONDITION"],
    [409, "ABORTED"],
    [416, "OUT_OF_RANGE"],
    [429, "RESOURCE_EXHAUSTED"],
    [498, "FAILED_PRECONDITION"],
    [499, "CANCELLED"],
    [500, "INTERNAL"],
    [501, "UNIMPLEMENTED"],
    [502, "INTERNAL"],
    [503, "UNAVAILABLE"],
    [504, "DEADLINE_EXCEEDED"],
    [599, "INTERNAL"],
    [600, "UNKNOWN"],
    [999, "UNKNOWN"],
  ];
  for (const [status, code] of table) {
    test(`${status} is ${code}`, () => assert.equal(codeOfHttpStatus(status), code));
  }
});

test("statuses are retryable or not, and unknown ones count as the first of their hundred", () => {
  const worth = Array.from({ length: 900 }, (_, index) => 100 + index).filter(isWorthRetrying);
  const others = Array.from({ length: 100 }, (_, index) => 500 + index);
  assert.deepEqual(worth, [408, 425, 429, ...others.filter((each) => each !== 501 && each !== 505)]);
});

test("statuses without a body, and redirects", () => {
  assert.deepEqual([200, 202, 204, 205, 206].filter(isEmptyStatus), [204, 205]);
  assert.deepEqual([299, 300, 399, 400].filter(isRedirect), [300, 399]);
});

test("httpStatusOfError() follows the code, with HTTP's own status for some reasons", () => {
  assert.equal(httpStatusOfError(new StatusError("ABORTED", "")), 409);
  assert.equal(httpStatusOfError(serviceError("METHOD_NOT_ALLOWED", "")), 405);
});
