import assert from "node:assert/strict";
import { test } from "node:test";
import { networkErrorText } from "./network-error.ts";
import { RequestTimeout } from "./sender.ts";
import { TunnelRefused } from "./tunnel.ts";

const of = (code: string): unknown => Object.assign(new Error("connect ECONNREFUSED 10.1.2.3:22"), { code });

test("network errors are described in words, without an address", () => {
  const cases: readonly (readonly [unknown, RegExp])[] = [
    [new RequestTimeout("no answer"), /^no answer in time$/],
    [new TunnelRefused("the proxy answered 403"), /^the proxy answered 403$/],
    [of("ECONNREFUSED"), /^the connection was refused$/],
    [of("ENOTFOUND"), /^its name is not known$/],
    [of("DEPTH_ZERO_SELF_SIGNED_CERT"), /^its certificate is not trusted$/],
    [of("EHOSTUNREACH"), /^the connection failed$/],
    ["odd", /^the connection failed$/],
  ];
  for (const [error, text] of cases) assert.match(networkErrorText(error), text);
});
