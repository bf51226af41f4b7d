import assert from "node:assert/strict";
import type { IncomingHttpHeaders } from "node:http";
import { describe, it } from "node:test";
import { type AllowedWays, localHosts, pageWayRefusal, wayRefusal } from "./way.ts";

const local: AllowedWays = { hosts: localHosts("https://ops.example.com:8443") };
const anywhere: AllowedWays = { hosts: undefined };
const reason = (headers: IncomingHttpHeaders, ways = local) =>
  wayRefusal({ host: "localhost:8080", ...headers }, ways)?.reason;

describe("wayRefusal()", () => {
  it("accepts this machine's own names and the public one, and no other host", () => {
    for (const host of ["localhost", "LOCALHOST:8080", "127.0.0.1:8080", "[::1]:8080", "ops.example.com"])
      assert.equal(reason({ host }), undefined, host);
    for (const host of ["evil.example", "127.0.0.2", "a.localhost", "localhost.evil.example", "", "[::2]"])
      assert.equal(reason({ host }), "HOST_REFUSED", host);
    assert.equal(reason({ host: "evil.example" }, anywhere), undefined);
    assert.equal(
      wayRefusal({}, local),
      undefined,
      "HTTP/1.0 and gRPC, which no browser speaks to a stranger",
    );
  });

  it("refuses pages of other sites, even reads", () => {
    assert.equal(reason({ "sec-fetch-site": "same-origin" }), undefined);
    assert.equal(reason({ "sec-fetch-site": "none" }), undefined);
    assert.equal(reason({ "sec-fetch-site": "cross-site" }), "CROSS_SITE_REFUSED");
    assert.equal(reason({ "sec-fetch-site": "same-site" }), "CROSS_SITE_REFUSED");
    assert.equal(reason({ "sec-fetch-site": "odd", origin: "http://localhost:8080" }), "CROSS_SITE_REFUSED");
  });

  it("uses the origin if a browser does not send the site", () => {
    assert.equal(reason({}), undefined);
    assert.equal(reason({ origin: "http://localhost:8080" }), undefined);
    assert.equal(reason({ origin: "https://ops.example.com:8443" }), undefined);
    assert.equal(reason({ origin: "http://evil.example" }), "CROSS_SITE_REFUSED");
    assert.equal(reason({ origin: "null" }), "CROSS_SITE_REFUSED");
    assert.equal(reason({ host: "ops.intern", origin: "http://ops.intern" }, anywhere), undefined);
    assert.equal(
      reason({ host: "ops.intern", origin: "http://evil.intern" }, anywhere),
      "CROSS_SITE_REFUSED",
    );
  });

  it("passes nothing on for a proxy if only this machine is allowed", () => {
    const noProxy = { ...local, noProxy: "No proxy." };
    assert.equal(reason({}, noProxy), undefined);
    for (const header of ["forwarded", "x-forwarded-for", "x-forwarded-host", "via"]) {
      assert.equal(reason({ [header]: "x" }, noProxy), "ADMIN_REFUSED", header);
      assert.equal(reason({ [header]: "x" }), undefined, header);
    }
  });
});

const page = (headers: IncomingHttpHeaders) =>
  pageWayRefusal({ host: "localhost", ...headers }, local)?.reason;

describe("pageWayRefusal()", () => {
  it("allows a link of another page to the page, and nothing else of it", () => {
    const link = {
      "sec-fetch-site": "cross-site",
      "sec-fetch-mode": "navigate",
      "sec-fetch-dest": "document",
    };
    assert.equal(page(link), undefined);
    assert.equal(page({ ...link, "sec-fetch-dest": "iframe" }), "CROSS_SITE_REFUSED");
    assert.equal(page({ ...link, "sec-fetch-mode": "no-cors" }), "CROSS_SITE_REFUSED");
    assert.equal(page({ ...link, host: "evil.example" }), "HOST_REFUSED");
  });
});
