import assert from "node:assert/strict";
import { test } from "node:test";
import { callbackHostsViolation, isForCallbacks, takesCallback } from "./callback-hosts.ts";

test("a host is a name, an address, or all names below one, as in URLs", () => {
  for (const host of ["hooks.example.com", "*.example.com", "127.0.0.1", "[::1]", "xn--bcher-kva.example"])
    assert.equal(callbackHostsViolation([host]), undefined, host);
  const wrong = [
    "",
    "*",
    "*.",
    "Example.com",
    "example.com:443x",
    "example.com:8443",
    "example.com.",
    ".example.com",
    "*..example.com",
    "example..com",
    "*.127.0.0.1",
    "*.[::1]",
    "*.0.1",
    "a/b",
    "a@b",
    "*.*.com",
    "127.1",
    "bücher.example",
    7,
    null,
  ];
  for (const host of wrong)
    assert.match(callbackHostsViolation([host]) ?? "", /^expected hosts such as/, String(host));
  for (const hosts of [[], "example.com", undefined, Array.from({ length: 101 }, () => "example.com")])
    assert.match(callbackHostsViolation(hosts) ?? "", /^expected 1 to 100 hosts/);
});

test("a URL is accepted by its host alone", () => {
  const endpoint = { callbackHosts: ["hooks.example.com", "*.example.org"] };
  for (const url of [
    "https://hooks.example.com/a",
    "https://HOOKS.example.com:8443/",
    "https://a.b.example.org/",
  ])
    assert.equal(takesCallback(endpoint, url), true, url);
  const others = [
    "https://example.com/",
    "https://hooks.example.com.evil.test/",
    "https://hooks.example.com./",
    "https://evil.test/hooks.example.com",
    "https://hooks.example.com@evil.test/",
    "https://example.org/",
    "https://evilexample.org/",
    "no url",
  ];
  for (const url of others) assert.equal(takesCallback(endpoint, url), false, url);
  assert.equal(takesCallback({}, "https://hooks.example.com/"), false);
  assert.deepEqual(
    [isForCallbacks(endpoint), isForCallbacks({}), isForCallbacks({ callbackHosts: [] })],
    [true, false, false],
  );
});
