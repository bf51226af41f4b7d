import type { Dice } from "./dice.ts";
import { hostileText } from "./hostile.ts";
import type { Target } from "./request.ts";

/**
 * Headers that some code between the socket and the handlers reads, each with values that suit it.
 */
const HEADERS: Readonly<Record<string, readonly string[]>> = {
  accept: ["*/*", "text/html", "application/x-protobuf", "application/json;q=0"],
  "accept-encoding": ["gzip", "gzip;q=0", "br, gzip, *;q=0", "identity;q=0, *;q=0"],
  authorization: ["Bearer x", "Basic Og=="],
  "content-encoding": ["gzip", "identity", "x"],
  expect: ["100-continue"],
  forwarded: ["for=1;host=a;proto=https", "host="],
  "idempotency-key": ["a", "b"],
  "if-none-match": ["*", 'W/"1"', 'W/"2", "3"', '"'],
  origin: ["https://app.example.com", "null"],
  "access-control-request-method": ["POST", "TRACE"],
  "access-control-request-headers": ["content-type, x-a", "*"],
  "x-forwarded-host": ["evil.example", "a, b"],
  "x-forwarded-proto": ["https", "ftp"],
  "x-goog-api-client": ["gl-node/26"],
  "x-goog-fieldmask": ["name", "metadata(", "*", "a/".repeat(1_000)],
  "x-goog-user-project": ["p"],
  "x-http-method-override": ["DELETE", "GET", "PATCH", "TRACE", "delete"],
  "x-server-timeout": ["1", "0", "-1", "1e9", "x", "0.01"],
  prefer: ["wait=1", "respond-async"],
  range: ["bytes=0-1", "bytes=-"],
  te: ["trailers"],
  connection: ["keep-alive"],
  upgrade: ["websocket"],
  cookie: ["a=b"],
};
export const HEADER_NAMES: readonly string[] = Object.keys(HEADERS);

/**
 * Up to five lines. Lengths and encodings are left to the broken requests, because they can make a
 * whole request a broken one.
 */
export function hostileHeaders(dice: Dice, target: Target): readonly string[] {
  return dice.some(5, () => {
    if (dice.chance(0.08))
      return `${dice.pick(["x-a", "__proto__", "constructor"])}: ${printable(hostileText(dice))}`;
    const name = dice.pick(HEADER_NAMES);
    if (name === "if-none-match" && dice.chance(0.3))
      return `${name}: ${target.names.join(", ").slice(0, 8_000)}`;
    const value = dice.chance(0.8) ? dice.pick(HEADERS[name] ?? [""]) : printable(hostileText(dice));
    return `${name}: ${value}`;
  });
}

/** Bytes that HTTP allows in a header, including those above ASCII. */
export function printable(text: string): string {
  return Buffer.from(text.toWellFormed(), "utf8")
    .toString("latin1")
    .replaceAll(/[^\t\u0020-\u007e\u0080-\u00ff]/g, "?");
}
