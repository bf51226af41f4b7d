import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { ErrorCode } from "../core/error/code.ts";
import { badRequest } from "../core/error/details.ts";
import { serviceError, StatusError } from "../core/error/error.ts";
import { errorBody, type ErrorFormat } from "./error-body.ts";

interface Body {
  readonly error: {
    readonly code: number;
    readonly message: string;
    readonly errors?: readonly Record<string, string>[];
    readonly status: string;
    readonly details: readonly Record<string, unknown>[];
  };
}

function body(error: StatusError, format: ErrorFormat): Body["error"] {
  return (JSON.parse(errorBody(error, { format, domain: "archive.example.com" })) as Body).error;
}

const NOT_FOUND = serviceError("OPERATION_NOT_FOUND", "Operation 'operations/x' was not found.", {
  metadata: { operation: "operations/x" },
});

suite("errorBody()", () => {
  test("writes v2 as Google does, indented (contract 4.1)", () => {
    assert.equal(
      errorBody(NOT_FOUND, { format: 2, domain: "lro.example.com" }),
      `{
  "error": {
    "code": 404,
    "message": "Operation 'operations/x' was not found.",
    "status": "NOT_FOUND",
    "details": [
      {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "OPERATION_NOT_FOUND",
        "domain": "lro.example.com",
        "metadata": {
          "operation": "operations/x"
        }
      }
    ]
  }
}
`,
    );
  });

  test("adds errors between message and status in v1, and nothing else (contract 4.2)", () => {
    const [v1, v2] = [body(NOT_FOUND, 1), body(NOT_FOUND, 2)];
    assert.deepEqual(Object.keys(v1), ["code", "message", "errors", "status", "details"]);
    assert.deepEqual(Object.keys(v2), ["code", "message", "status", "details"]);
    const { errors, ...rest } = v1;
    assert.deepEqual(errors, [{ message: v2.message, domain: "global", reason: "notFound" }]);
    assert.deepEqual(rest, v2);
  });

  test("has an ErrorInfo in every error, with our domain (contract 11.14)", () => {
    const [info] = body(new StatusError("ABORTED", "Busy."), 2).details;
    assert.deepEqual(info, {
      "@type": "type.googleapis.com/google.rpc.ErrorInfo",
      reason: "ABORTED",
      domain: "archive.example.com",
    });
  });

  test("escapes angle brackets (contract 3.2)", () => {
    const text = errorBody(new StatusError("ABORTED", "<b>"), { format: 2, domain: "a" });
    assert.ok(text.includes("\\u003cb\\u003e"));
  });
});

suite("errorBody() in v1 gives the reasons of contract 4.3:", () => {
  const reasons: [ErrorCode, string][] = [
    ["INVALID_ARGUMENT", "badRequest"],
    ["FAILED_PRECONDITION", "failedPrecondition"],
    ["OUT_OF_RANGE", "outOfRange"],
    ["PERMISSION_DENIED", "forbidden"],
    ["NOT_FOUND", "notFound"],
    ["ALREADY_EXISTS", "alreadyExists"],
    ["ABORTED", "aborted"],
    ["RESOURCE_EXHAUSTED", "rateLimitExceeded"],
    ["CANCELLED", "backendError"],
    ["INTERNAL", "backendError"],
    ["UNKNOWN", "backendError"],
    ["DATA_LOSS", "backendError"],
    ["UNIMPLEMENTED", "notImplemented"],
    ["UNAVAILABLE", "backendError"],
    ["DEADLINE_EXCEEDED", "backendError"],
  ];
  for (const [code, reason] of reasons) {
    test(`${code} is ${reason}`, () => {
      const { errors } = body(new StatusError(code, "No."), 1);
      assert.deepEqual(errors, [{ message: "No.", domain: "global", reason }]);
    });
  }

  test("a body that is not JSON is parseError", () => {
    const { errors } = body(serviceError("BODY_INVALID", "No."), 1);
    assert.deepEqual(errors, [{ message: "No.", domain: "global", reason: "parseError" }]);
  });

  test("each invalid field is invalid, without domain (contract 11.10)", () => {
    const fieldViolations = [
      { field: "a", description: "A." },
      { field: "b", description: "B." },
    ];
    const error = serviceError("REQUEST_INVALID", "A. B.", { details: [badRequest({ fieldViolations })] });
    assert.deepEqual(body(error, 1).errors, [
      { message: "A.", reason: "invalid" },
      { message: "B.", reason: "invalid" },
    ]);
  });

  const location = { location: "Authorization", locationType: "header" };
  test("bad credentials are authError, at the header", () => {
    const error = new StatusError("UNAUTHENTICATED", "Long.", { reason: "ACCESS_TOKEN_EXPIRED" });
    assert.deepEqual(body(error, 1).errors, [
      { message: "Invalid Credentials", domain: "global", reason: "authError", ...location },
    ]);
  });

  test("missing credentials are required, at the header", () => {
    const error = new StatusError("UNAUTHENTICATED", "Long.", { reason: "CREDENTIALS_MISSING" });
    assert.deepEqual(body(error, 1).errors, [
      { message: "Login Required.", domain: "global", reason: "required", ...location },
    ]);
  });
});
