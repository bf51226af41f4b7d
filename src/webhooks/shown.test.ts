import assert from "node:assert/strict";
import { test } from "node:test";
import { privateKeyText, publicKeyText } from "../outbound/ed25519.ts";
import { shownEndpoint } from "./shown.ts";
import { anEndpoint } from "./told-ends.suite.ts";

test("an endpoint is shown with the secret of its own call only, and never with its stored secrets", () => {
  const endpoint = anEndpoint({ revision: 3, createTime: 1_000, updateTime: 2_000, generation: 4 });
  const shown = shownEndpoint(endpoint, 0);
  assert.equal(shown.secret, "");
  assert.doesNotMatch(JSON.stringify(shown), /whsec_/);
  assert.deepEqual(
    [shown.fixed, shown.createTime, shown.updateTime, shown.etag],
    [false, 1_000, 2_000, '"4"'],
  );
  assert.equal(shownEndpoint(endpoint, 0, "whsec_new").secret, "whsec_new");
});

test("an endpoint of the settings has no times, and has its callback hosts instead of an address", () => {
  const shown = shownEndpoint(anEndpoint({ url: "", callbackHosts: ["hooks.example.com"] }), 0);
  assert.deepEqual([shown.fixed, shown.createTime, shown.updateTime], [true, null, null]);
  assert.deepEqual([shown.url, shown.callbackHosts], ["", ["hooks.example.com"]]);
});

test("for a private key only the public key is shown, as long as it signs", () => {
  const [key, old] = [privateKeyText(Buffer.alloc(32, 1)), privateKeyText(Buffer.alloc(32, 2))];
  const secrets = [
    { key, expireTime: null },
    { key: old, expireTime: 10 },
  ];
  const endpoint = anEndpoint({ secrets });
  const shown = shownEndpoint(endpoint, 9, key);
  assert.deepEqual([shown.signature, shown.secret], ["V1A", ""]);
  assert.deepEqual(shown.publicKeys, [publicKeyText(key), publicKeyText(old)]);
  assert.deepEqual(shownEndpoint(endpoint, 10).publicKeys, [publicKeyText(key)]);
  assert.doesNotMatch(JSON.stringify(shown), /whsk_/);
});
