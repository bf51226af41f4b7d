import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { anyCharacter } from "../../../test/support/any-character.ts";
import type { Sender } from "../../core/ports/authenticate.ts";
import { StatusError } from "../../core/error/error.ts";
import { presentedBy } from "./presented.ts";

const sender = (more: Partial<Sender>): Sender => ({ headers: {}, socket: undefined, ...more });
const NONE = { token: undefined, key: undefined };

describe("presentedBy()", () => {
  it("finds a token in the header, and keys in all places that Google's clients use", () => {
    const cases: readonly (readonly [Partial<Sender>, object])[] = [
      [{}, {}],
      [{ url: "/v1/operations" }, {}],
      [{ headers: { authorization: "Bearer t" } }, { token: "t" }],
      [{ headers: { authorization: "bearer  t " } }, { token: "t" }],
      [{ headers: { "x-goog-api-key": "k" } }, { key: "k" }],
      [{ headers: { "x-goog-api-key": "" } }, {}],
      [{ headers: { "x-goog-api-key": ["", "k"] } }, { key: "k" }],
      [{ url: "/v1/operations?key=k" }, { key: "k" }],
      [{ url: "/v1/operations?a=b&$key=k%2B" }, { key: "k+" }],
      [{ url: "/v1/operations?%24key=k" }, { key: "k" }],
      [{ url: "/v1/operations?pagekey=k&monkey=1" }, {}],
      [{ url: "/v1/operations?key=" }, {}],
      [{ parameters: [["key", "k"]] }, { key: "k" }],
      [{ headers: { authorization: "Bearer t", "x-goog-api-key": "k" } }, { token: "t", key: "k" }],
      [{ headers: { "x-goog-api-key": "k" }, url: "/?key=k" }, { key: "k" }],
    ];
    for (const [given, found] of cases)
      assert.deepEqual(presentedBy(sender(given), false), { ...NONE, ...found }, JSON.stringify(given));
  });

  it("accepts a token in the address only where that is allowed", () => {
    const given = sender({ url: "/?access_token=t" });
    assert.deepEqual(presentedBy(given, false), NONE);
    assert.deepEqual(presentedBy(given, true), { ...NONE, token: "t" });
  });

  it("refuses a header that is not a bearer token", () => {
    for (const authorization of ["Basic dTpw", "Bearer", "Bearer a b", "t", ""])
      assert.throws(() => presentedBy(sender({ headers: { authorization } }), false), {
        reason: "CREDENTIAL_TYPE_UNSUPPORTED",
      });
  });

  it("refuses two tokens, and two different keys", () => {
    const bearer = { authorization: "Bearer t" };
    const rawHeaders = ["Authorization", "Bearer t", "host", "a", "authorization", "Bearer u"];
    const cases: readonly Partial<Sender>[] = [
      { headers: bearer, url: "/?access_token=t" },
      { headers: bearer, rawHeaders },
      { headers: { authorization: ["Bearer t", "Bearer u"] } },
      { url: "/?access_token=t&$access_token=t" },
      { headers: { "x-goog-api-key": "k" }, url: "/?key=l" },
      { headers: { "x-goog-api-key": ["k", "l"] } },
    ];
    for (const given of cases)
      assert.throws(
        () => presentedBy(sender(given), true),
        { code: "UNAUTHENTICATED", reason: "OVERLOADED_CREDENTIALS" },
        JSON.stringify(given),
      );
    assert.deepEqual(presentedBy(sender({ headers: bearer, rawHeaders: rawHeaders.slice(0, 4) }), true), {
      ...NONE,
      token: "t",
    });
  });

  it("answers or refuses any input, and reveals nothing of it", () => {
    const text = fc.string({ unit: anyCharacter, maxLength: 60 });
    const request = fc.record({
      headers: fc.dictionary(
        fc.constantFrom("authorization", "x-goog-api-key"),
        fc.oneof(text, fc.array(text)),
      ),
      url: text.map((query) => `/?key=${query}`),
    });
    fc.assert(
      fc.property(request, fc.boolean(), (given, inAddress) => {
        try {
          presentedBy(sender(given), inAddress);
        } catch (error) {
          assert.ok(error instanceof StatusError && error.code === "UNAUTHENTICATED");
        }
      }),
    );
  });
});
