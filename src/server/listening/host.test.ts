import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { suite, test } from "node:test";
import { LIMITS } from "../../core/limits.ts";
import { AllowedHosts, headRefusal, hostIn, isLoopback } from "./host.ts";

suite("hostIn()", () => {
  const good: [authority: string, host: string][] = [
    ["example.com", "example.com"],
    ["Example.COM.:8080", "example.com"],
    ["127.0.0.1:80", "127.0.0.1"],
    ["[::1]:8080", "[::1]"],
    ["[fe80::1%25eth0]", "[fe80::1%25eth0]"],
    ["a_b-c:", "a_b-c"],
    ["b%C3%BCcher.example", "b%c3%bccher.example"],
    ["", ""],
  ];
  for (const [authority, host] of good)
    test(`of ${JSON.stringify(authority)}`, () => assert.equal(hostIn(authority), host));

  const bad = ["evil.com/<script>", "a b", "a,b:c", "user@a", "user:pass@a", "::1", "[::1", "[x]"];
  for (const authority of [
    ...bad,
    "a:65536",
    "a:-1",
    "a:8x",
    "a:80:80",
    "%zz",
    "a\u0000",
    "a?b",
    "a#b",
    "\u00fc",
  ])
    test(`refuses ${JSON.stringify(authority)}`, () => assert.equal(hostIn(authority), undefined));

  test("takes time in proportion to the length", () => {
    for (const part of ["a", "%20", "a.", "["]) assert.notEqual(hostIn(`${part.repeat(10_000)}:x`), "");
  });
});

suite("AllowedHosts", () => {
  test("always contains addresses and localhost", () => {
    const none = new AllowedHosts([]);
    for (const host of ["127.0.0.1", "10.1.2.3", "[::1]", "[2001:db8::1]", "localhost", "api.localhost", ""])
      assert.ok(none.includes(host), host);
    for (const host of ["evil.com", "localhost.evil.com", "127.0.0.1.evil.com", "evillocalhost"])
      assert.ok(!none.includes(host), host);
  });

  test("contains listed names", () => {
    const some = new AllowedHosts(["Archive.example.com", "*.internal"]);
    for (const host of ["archive.example.com", "a.internal", "a.b.internal"])
      assert.ok(some.includes(host), host);
    for (const host of ["example.com", "x.archive.example.com", "internal", "evilinternal"])
      assert.ok(!some.includes(host), host);
    assert.ok(new AllowedHosts(["*"]).includes("evil.com"));
  });
});

test("isLoopback() knows the addresses that only this machine can reach", () => {
  for (const address of ["127.0.0.1", "127.1.2.3", "::1", "[::1]", "localhost"])
    assert.ok(isLoopback(address));
  for (const address of ["0.0.0.0", "::", "10.0.0.1", "archive"]) assert.ok(!isLoopback(address));
});

/** A request with these headers, as Node presents it. */
function requestOf(rawHeaders: readonly string[], more: Partial<IncomingMessage> = {}): IncomingMessage {
  const at = rawHeaders.findIndex((each) => each.toLowerCase() === "host");
  const headers = at === -1 ? {} : { host: rawHeaders[at + 1] };
  return { rawHeaders, headers, httpVersion: "1.1", url: "/", ...more } as IncomingMessage;
}

suite("headRefusal()", () => {
  const loopback = new AllowedHosts([]);
  const cases: [sentence: string, request: IncomingMessage, reason: string | undefined, message: RegExp][] = [
    ["one host", requestOf(["Host", "localhost:1"]), undefined, /x/],
    ["an empty host", requestOf(["Host", ""]), undefined, /x/],
    ["no host on 1.0", requestOf([], { httpVersion: "1.0" }), undefined, /x/],
    ["no host", requestOf([]), "REQUEST_MALFORMED", /no Host header/],
    ["two hosts", requestOf(["Host", "a", "hOST", "a"]), "REQUEST_MALFORMED", /several Host headers/],
    [
      "what is no host",
      requestOf(["Host", "a/<b>"]),
      "REQUEST_MALFORMED",
      /Host header: expected .*, got "a\/<b>"/,
    ],
    [
      "an address with a user",
      requestOf(["Host", "localhost"], { url: "http://u@localhost/" }),
      "REQUEST_MALFORMED",
      /host in the address/,
    ],
    ["a name of a page's own", requestOf(["Host", "evil.com"]), "HOST_REFUSED", /"evil.com".*allowedHosts/],
    [
      "an address at a page's own name",
      requestOf(["Host", "localhost"], { url: "http://evil.com/v1" }),
      "HOST_REFUSED",
      /"evil.com"/,
    ],
    [
      "a path with an address in it",
      requestOf(["Host", "localhost"], { url: "/http://u@evil/" }),
      undefined,
      /x/,
    ],
    [
      "as many headers as may be",
      requestOf(["Host", "localhost", ...Array.from({ length: 2 * LIMITS.headersMax - 2 }, () => "a")]),
      undefined,
      /x/,
    ],
    [
      "too many headers",
      requestOf(["Host", "a", ...Array.from({ length: 2 * LIMITS.headersMax }, () => "a")]),
      "HEADERS_TOO_LARGE",
      /at most 256, got 257/,
    ],
  ];
  for (const [sentence, request, reason, message] of cases) {
    test(`of ${sentence}: ${reason ?? "none"}`, () => {
      const refusal = headRefusal(request, loopback);
      assert.equal(refusal?.reason, reason);
      if (refusal !== undefined) assert.match(refusal.message, message);
    });
  }

  test("refuses the same with an allowed host before it, and then allows the host again", () => {
    const allowed = new AllowedHosts(["fine.com"]);
    const [fine, evil, none] = ["fine.com:80", "evil.com", "<b>"].map((host) => requestOf(["Host", host]));
    const reasons = [fine, evil, fine, none, fine].map(
      (request) => request && headRefusal(request, allowed)?.reason,
    );
    assert.deepEqual(reasons, [undefined, "HOST_REFUSED", undefined, "REQUEST_MALFORMED", undefined]);
  });

  test("allows every name if none are given", () => {
    assert.equal(headRefusal(requestOf(["Host", "evil.com"]), undefined), undefined);
  });
});
