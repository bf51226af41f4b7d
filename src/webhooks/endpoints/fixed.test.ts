import assert from "node:assert/strict";
import { test } from "node:test";
import { Targets } from "../delivering/target.ts";
import { type FixedEndpoint, fixedEndpoints } from "./fixed.ts";

const targets = new Targets([]);
const parts = { violationOf: (url: string) => targets.violationOf(url), verbs: new Map<string, string>() };
const secret = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
const good: FixedEndpoint = { id: "a", url: "https://example.com/", secrets: [secret] };

test("an endpoint of the settings has the same defaults as others", () => {
  const [endpoint] = fixedEndpoints([{ ...good, parent: "projects/p" }], parts);
  assert.equal(endpoint?.name, "projects/p/webhookEndpoints/a");
  assert.deepEqual([endpoint.format, endpoint.content, endpoint.eventTypes.length], ["STANDARD", "FULL", 3]);
  assert.deepEqual(endpoint.secrets, [{ key: secret, expireTime: null }]);
});

test("mistakes in an endpoint are reported, with their places, and without secrets", () => {
  const wrong: readonly (readonly [object, RegExp])[] = [
    [{ id: "A" }, /webhookEndpoints\[0\]\.id: expected/],
    [{ id: 7 }, /\.id: expected .*got 7/],
    [{ secrets: [] }, /\.secrets: expected 1 or 2/],
    [{ secrets: secret }, /\.secrets: expected 1 or 2/],
    [{ secrets: [secret, secret, secret] }, /\.secrets: expected 1 or 2/],
    [{ secrets: [secret.slice(6)] }, /\.secrets: expected 1 or 2/],
    [{ url: "http://example.com" }, /must begin with https/],
    [{ url: 7 }, /\.url: expected a text, got 7/],
    [{ callbackHosts: ["example.com"] }, /\.callbackHosts: an endpoint has these or a url, not both/],
    [{ url: undefined, callbackHosts: ["Example.com"] }, /\.callbackHosts: expected hosts such as/],
    [{ url: undefined }, /url/],
    [{ url: "https://example.com./" }, /must not end with a dot/],
    [{ eventTypes: "operation.failed" }, /\.eventTypes: expected a list/],
    [{ eventTypes: ["operation.ended"] }, /eventTypes/],
    [{ payload: "HALF" }, /FULL, THIN/],
    [{ verify: "GET" }, /NONE, OPTIONS/],
    [{ verify: 7 }, /\.verify: expected a text/],
    [{ secrets: [`whsk_${secret.slice(6, -4)}`] }, /\.secrets: expected 1 or 2/],
    [{ filter: "metadata.verb=" }, /webhookEndpoints\[0\]: /],
    [{ parent: "projects/-" }, /webhookEndpoints\[0\]: Invalid parent/],
    [{ secret }, /webhookEndpoints\[0\]/],
  ];
  for (const [fields, message] of wrong)
    assert.throws(
      () => fixedEndpoints([{ ...good, ...fields }], parts),
      (error: Error) => {
        assert.ok(error instanceof TypeError);
        assert.match(error.message, message);
        assert.doesNotMatch(error.message, new RegExp(secret.slice(6, 30)));
        return true;
      },
    );
  assert.throws(() => fixedEndpoints([good, good], parts), /two of the name "webhookEndpoints\/a"/);
});
