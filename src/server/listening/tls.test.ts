import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FIRST_PAIR, SECOND_PAIR } from "./certificates.suite.ts";
import { secureContextOf, tlsOptions } from "./tls.ts";

describe("secureContextOf()", () => {
  it("accepts a certificate with its key, as text and as bytes", () => {
    assert.deepEqual(secureContextOf(FIRST_PAIR).cert, Buffer.from(FIRST_PAIR.cert));
    const bytes = { cert: Buffer.from(FIRST_PAIR.cert), key: Buffer.from(FIRST_PAIR.key) };
    assert.deepEqual(secureContextOf(bytes).key, bytes.key);
  });

  const wrong: [sentence: string, pair: { cert: string; key: string }, message: RegExp][] = [
    [
      "a key of another certificate",
      { cert: FIRST_PAIR.cert, key: SECOND_PAIR.key },
      /the key is not that of/,
    ],
    [
      "no certificate",
      { cert: "hello", key: FIRST_PAIR.key },
      /tls\.cert: expected PEM text with a CERTIFICATE/,
    ],
    [
      "no key",
      { cert: FIRST_PAIR.cert, key: FIRST_PAIR.cert },
      /tls\.key: expected PEM text with a PRIVATE KEY/,
    ],
    [
      "PEM that is broken",
      { cert: FIRST_PAIR.cert.replace(/\n..../, "\n"), key: FIRST_PAIR.key },
      /Cannot use/,
    ],
  ];
  for (const [sentence, pair, message] of wrong) {
    it(`refuses ${sentence}`, () => assert.throws(() => secureContextOf(pair), message));
  }
});

const chosen = (http2: boolean, ...protocols: string[]): string | undefined =>
  tlsOptions(FIRST_PAIR, http2).ALPNCallback?.({ servername: "", protocols });

describe("tlsOptions()", () => {
  it("negotiates the served protocol that the caller prefers", () => {
    assert.equal(chosen(true, "h2", "http/1.1"), "h2");
    assert.equal(chosen(true, "http/1.1", "h2"), "http/1.1");
    assert.equal(chosen(true, "spdy", "http/1.1"), "http/1.1");
    assert.equal(chosen(false, "h2", "http/1.1"), "http/1.1");
    assert.equal(chosen(true, "h2"), "h2");
    assert.equal(chosen(false, "h2"), undefined);
    assert.equal(chosen(true, "spdy"), undefined);
  });
});
