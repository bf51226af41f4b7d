import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { StatusError } from "../../core/error/error.ts";
import type { Sender } from "../../core/ports/authenticate.ts";
import { DRESSED, NAMED, PACKER, TWOFOLD } from "./certificates.suite.ts";
import { principalOf } from "./certificate-principal.ts";
import { ClientCertificates } from "./client-certificates.ts";

const packer = "serviceAccount:spiffe://example.org/ns/prod/sa/packer";
const invalid = { code: "UNAUTHENTICATED", reason: "CLIENT_CERTIFICATE_INVALID" };
const headerOf = (pem: string): string => `:${new X509Certificate(pem).raw.toString("base64")}:`;

/** A request from an address, with the header of a proxy. */
function passedOn(header: string | string[], remoteAddress = "10.1.2.3"): Sender {
  return { headers: { "client-cert": header }, socket: { remoteAddress } };
}

function open(...trustedProxies: { readonly address: string; readonly bits: number }[]) {
  return new ClientCertificates({ trustedProxies });
}

/** A certificate with these alternative names and no subject, as Node presents it. */
function certificate(subjectAltName: string): X509Certificate {
  return { subjectAltName, toLegacyObject: () => ({ subject: {} }) } as unknown as X509Certificate;
}

describe("principalOf()", () => {
  const cases: readonly (readonly [string, string, string | undefined])[] = [
    ["the SPIFFE ID", PACKER.cert, packer],
    [
      "the subject, with what could mislead encoded",
      NAMED,
      "serviceAccount:O=Acme%2C%20Inc%2FCN%3Dadmin,CN=named%20one",
    ],
    ["nobody where there are two SPIFFE IDs", TWOFOLD, undefined],
    ["the subject where there are other names", DRESSED, "serviceAccount:CN=dressed"],
  ];
  for (const [what, pem, principal] of cases)
    it(`is ${what}`, () => assert.equal(principalOf(new X509Certificate(pem)), principal));

  it("is no caller for an ID in another form, or hidden behind another name", () => {
    assert.equal(principalOf(certificate("URI:spiffe://a.org/b")), "serviceAccount:spiffe://a.org/b");
    for (const names of [
      "",
      "URI:spiffe://a.org",
      "URI:spiffe://a.org/",
      "URI:spiffe://A.org/b",
      "URI:spiffe://a.org/b?c",
      "URI:spiffe://a.org/b, URI:https://b.org",
      'URI:"spiffe://a.org/b, URI:c"',
      'DNS:"a, URI:spiffe://a.org/b"',
      "DNS:a,URI:spiffe://a.org/b",
    ])
      assert.equal(principalOf(certificate(names)), undefined, names);
  });
});

describe("ClientCertificates", () => {
  it("trusts a proxy that the rules name, and no other", () => {
    const header = headerOf(PACKER.cert);
    const trusting = open({ address: "10.0.0.0", bits: 8 }, { address: "fd00::", bits: 8 });
    for (const address of ["10.1.2.3", "fd00::7", "::ffff:10.1.2.3"]) {
      const caller = trusting.callerOf(passedOn(header, address));
      assert.equal(caller?.principal, packer, address);
      assert.equal(trusting.callerOf(passedOn(header, address)), caller, "it is read once");
    }
    for (const address of ["11.1.2.3", "::1", "::ffff:11.1.2.3", ""])
      assert.equal(trusting.callerOf(passedOn(header, address)), undefined, address);
    assert.equal(open().callerOf(passedOn(header)), undefined);
    assert.equal(open().callerOf({ headers: { "client-cert": header }, socket: undefined }), undefined);
  });

  it("refuses a forwarded header that is not a certificate", () => {
    const trusting = open({ address: "10.0.0.0", bits: 8 });
    const header = headerOf(PACKER.cert);
    const wrong = [
      "",
      "::",
      ":AAAA:",
      header.slice(1),
      header.slice(0, -9),
      `${header}, ${header}`,
      [header, header],
    ];
    for (const each of wrong) assert.throws(() => trusting.callerOf(passedOn(each)), invalid);
    fc.assert(
      fc.property(fc.base64String(), (text) => {
        assert.throws(
          () => trusting.callerOf(passedOn(`:${text}:`)),
          (error) => error instanceof StatusError,
        );
      }),
    );
    assert.throws(() => trusting.callerOf(passedOn(headerOf(TWOFOLD))), invalid);
  });

  it("ends a credential with its certificate", () => {
    const trusting = open({ address: "10.0.0.0", bits: 8 });
    const credential = trusting.callerOf(passedOn(headerOf(PACKER.cert)))?.credential;
    const { validFromDate, validToDate } = new X509Certificate(PACKER.cert);
    assert.equal(credential?.refusal(validFromDate.getTime()), undefined);
    for (const now of [validFromDate.getTime() - 1, validToDate.getTime()])
      assert.partialDeepStrictEqual({ reason: credential?.refusal(now)?.reason }, { reason: invalid.reason });
  });
});
