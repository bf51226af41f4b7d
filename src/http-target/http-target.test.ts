import assert from "node:assert/strict";
import { test } from "node:test";
import { LIMITS } from "../core/limits.ts";
import { httpTarget } from "./http-target.ts";
import type { HttpTargetOptions } from "./options.ts";

const URL = "https://images.internal/resize";
const SECRET = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;

/** The reason that options are rejected. */
function refusal(options: unknown): string {
  try {
    httpTarget(options as HttpTargetOptions);
  } catch (error) {
    assert.ok(error instanceof TypeError);
    return error.message;
  }
  return "nothing";
}

test("accepts documented options, and reports each invalid option", () => {
  const many = Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`x-${index}`, "a"]));
  const cases: readonly (readonly [unknown, RegExp])[] = [
    [{ url: URL }, /^nothing$/],
    [{ url: "http://127.0.0.1:3000/a?b=c", timeout: "1d", cancelUrl: URL }, /^nothing$/],
    [undefined, /httpTarget: expected an object such as \{ url: .*got undefined/],
    [{ uri: URL }, /there is no option "uri" \(did you mean "url"\?\)/],
    [{}, /httpTarget: url: expected an address .*got undefined/],
    [{ url: "images" }, /url: expected an address .*got "images"/],
    [{ url: "file:///etc/passwd" }, /with https: or http:, got "file:"/],
    [{ url: "javascript:alert(1)" }, /with https: or http:, got "javascript:"/],
    [
      { url: "https://ada:pass@images.internal/" },
      /without a name or a password; put credentials into "auth"$/,
    ],
    [{ url: `${URL}#a` }, /without a fragment/],
    [{ url: `${URL}?${"a".repeat(2_048)}` }, /of 2048 characters at most, got 2079/],
    [{ url: URL, cancelUrl: "ftp://a/" }, /cancelUrl: .*got "ftp:"/],
    [{ url: URL, timeout: "0s" }, /timeout: expected more than 0s, and 1d at most, got "0s"/],
    [{ url: URL, timeout: "25h" }, /timeout: .*got "25h"/],
    [{ url: URL, timeout: 60 }, /timeout: .*got 60/],
    [{ url: URL, headers: ["a"] }, /headers: expected an object/],
    [{ url: URL, headers: { Host: "a" } }, /the service fills "host" itself/],
    [{ url: URL, headers: { "Longrunning-Attempt": "1" } }, /fills "longrunning-attempt" itself/],
    [{ url: URL, headers: { "webhook-id": "1" } }, /fills "webhook-id" itself/],
    [{ url: URL, headers: { "a b": "1" } }, /headers: "a b": expected a name and a text/],
    [{ url: URL, headers: { a: "1\r\nb: 2" } }, /headers: "a": expected a name and a text/],
    [{ url: URL, headers: { a: 1 } }, /headers: "a": expected/],
    [{ url: URL, headers: many }, /expected 50 headers of 4096 characters together at most, got 51/],
    [{ url: URL, headers: { a: "a".repeat(4_096) } }, /got 1 of 4097/],
    [{ url: URL, headers: { authorization: "Basic YQ==" } }, /^nothing$/],
    [{ url: URL, headers: { authorization: "a" }, auth: { bearer: "a" } }, /say who calls; leave one out/],
    [{ url: URL, auth: { secret: SECRET } }, /^nothing$/],
    [{ url: URL, auth: { secret: [SECRET, SECRET] } }, /^nothing$/],
    [
      { url: URL, auth: { secret: Array.from({ length: 6 }, () => SECRET) } },
      /secret: .*1 to 5.*a list of 6/,
    ],
    [{ url: URL, auth: {} }, /auth: expected one of .*an object with nothing in it/],
    [{ url: URL, auth: { bearer: "a", secret: SECRET } }, /auth: expected one of/],
    [{ url: URL, auth: { basic: "a" } }, /auth: there is no option "basic"/],
    [{ url: URL, auth: { bearer: "a b" } }, /bearer: expected a token .*another text of 3 characters/],
    [{ url: URL, auth: { bearer: "a".repeat(LIMITS.identityTokenLengthMax + 1) } }, /bearer: expected/],
    [{ url: URL, auth: { oidc: { tokenFile: "/run/token" } } }, /^nothing$/],
    [{ url: URL, auth: { oidc: { tokenFile: "" } } }, /oidc.tokenFile: expected the path/],
    [{ url: URL, auth: { oidc: { exec: ["token", "--for", "a"] } } }, /^nothing$/],
    [{ url: URL, auth: { oidc: { exec: [] } } }, /oidc.exec: expected a list of a program/],
    [{ url: URL, auth: { oidc: { exec: "token" } } }, /oidc.exec: expected .*got "token"/],
    [{ url: URL, auth: { oidc: { exec: ["token", 1] } } }, /oidc.exec: expected .*a list of 2/],
    [{ url: URL, auth: { oidc: { audience: URL } } }, /^nothing$/],
    [{ url: URL, auth: { oidc: { audience: "" } } }, /oidc.audience: expected a text/],
    [
      { url: URL, auth: { oidc: { audience: URL, metadataServer: "a" } } },
      /oidc.metadataServer: expected an address/,
    ],
    [{ url: URL, auth: { oidc: { audience: URL, tokenFile: "a" } } }, /oidc: there is no option "tokenFile"/],
    [{ url: URL, auth: { oidc: {} } }, /oidc: expected one of/],
  ];
  for (const [options, expected] of cases) assert.match(refusal(options), expected);
});

test("shows no secret in an invalid form", () => {
  for (const auth of ["hidden-secret", { secret: "hidden-secret" }, { bearer: "hidden secret" }, ["hidden"]])
    assert.doesNotMatch(refusal({ url: URL, auth }), /hidden/);
  for (const headers of [{ "x-key": "hidden\n" }])
    assert.doesNotMatch(refusal({ url: URL, headers }), /hidden/);
});
