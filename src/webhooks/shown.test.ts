import assert from "node:assert/strict";
import { test } from "node:test";
import { shownEndpoint } from "./shown.ts";
import { anEndpoint } from "./told-ends.suite.ts";

test("an endpoint is shown with the secret of its call alone, and never with the secrets that it keeps", () => {
  const endpoint = anEndpoint({ revision: 3, createTime: 1_000, updateTime: 2_000, generation: 4 });
  const shown = shownEndpoint(endpoint);
  assert.equal(shown.secret, "");
  assert.doesNotMatch(JSON.stringify(shown), /whsec_/);
  assert.deepEqual(
    [shown.fixed, shown.createTime, shown.updateTime, shown.etag],
    [false, 1_000, 2_000, '"4"'],
  );
  assert.equal(shownEndpoint(endpoint, "whsec_new").secret, "whsec_new");
});

test("an endpoint of the settings has no times, and its callback hosts in the place of an address", () => {
  const shown = shownEndpoint(anEndpoint({ url: "", callbackHosts: ["hooks.example.com"] }));
  assert.deepEqual([shown.fixed, shown.createTime, shown.updateTime], [true, null, null]);
  assert.deepEqual([shown.url, shown.callbackHosts], ["", ["hooks.example.com"]]);
});
