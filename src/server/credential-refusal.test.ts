import assert from "node:assert/strict";
import { test } from "node:test";
import { serviceError, StatusError } from "../core/error/error.ts";
import { challengeOf, namingCall } from "./credential-refusal.ts";

test("namingCall() adds service and RPC to errors about credentials, and leaves all others unchanged", () => {
  const cause = new Error("away");
  const details = [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "5s" }];
  const error = serviceError("CREDENTIALS_UNCHECKED", "Later.", { metadata: { a: "b" }, details, cause });
  const named = namingCall(error, "lro.example.com", () => "a.B.C");
  assert.deepEqual(named.metadata, { a: "b", service: "lro.example.com", method: "a.B.C" });
  assert.deepEqual([named.code, named.message, named.reason], [error.code, error.message, error.reason]);
  assert.deepEqual([named.details, named.cause], [details, cause]);
  assert.deepEqual(namingCall(error, "s", () => undefined).metadata, { a: "b", service: "s" });
  const other = serviceError("OPERATION_NOT_FOUND", "No.");
  assert.equal(
    namingCall(other, "s", () => assert.fail("nobody asks")),
    other,
  );
});

const challenge = (error: StatusError): string | undefined => challengeOf(error, "lro.example.com");

test("challengeOf() has a challenge for every 401, and for a missing scope", () => {
  const bearer = 'Bearer realm="lro.example.com"';
  assert.equal(challenge(serviceError("CREDENTIALS_MISSING", "Who?")), bearer);
  assert.equal(challenge(serviceError("JWT_TOKEN_INVALID", "Who?")), `${bearer}, error="invalid_token"`);
  assert.equal(challenge(new StatusError("UNAUTHENTICATED", "Who?")), `${bearer}, error="invalid_token"`);
  const scope = serviceError("ACCESS_TOKEN_SCOPE_INSUFFICIENT", "No.", { metadata: { scopes: "a b" } });
  assert.equal(challenge(scope), `${bearer}, error="insufficient_scope", scope="a b"`);
  const odd = serviceError("ACCESS_TOKEN_SCOPE_INSUFFICIENT", "No.", { metadata: { scopes: 'a"\n\u00e9b' } });
  assert.equal(challenge(odd), `${bearer}, error="insufficient_scope", scope="ab"`);
  for (const reason of ["IAM_PERMISSION_DENIED", "API_KEY_INVALID", "CREDENTIALS_UNCHECKED"] as const)
    assert.equal(challenge(serviceError(reason, "No.")), undefined);
});
