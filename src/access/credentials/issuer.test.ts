import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseRules } from "../rules.ts";

const issuer = {
  issuer: "https://issuer.example",
  audiences: ["lro.example.com"],
  keysUrl: "https://issuer.example/keys",
};
const key = { sha256: "0".repeat(64), principal: "serviceAccount:ci" };

const read = async (sections: object) =>
  (await parseRules(JSON.stringify({ ...sections, grants: [] }), "f")).credentials;

/** The messages about sections, without lines. */
async function mistakesOf(sections: object): Promise<string> {
  return read(sections).then(
    () => assert.fail(`it was taken: ${JSON.stringify(sections)}`),
    (error: unknown) => (error as Error).message.replaceAll(/^f:\d+: /gm, ""),
  );
}

describe("the section issuers", () => {
  it("has defaults that keep the subjects of issuers apart", async () => {
    const [one] = (await read({ issuers: [{ ...issuer, groups: { claim: "groups" } }] })).issuers;
    assert.deepEqual(one, {
      ...issuer,
      algorithms: ["RS256", "ES256", "PS256", "EdDSA"],
      type: undefined,
      clockToleranceMs: 30_000,
      scopes: [],
      principal: { claim: "sub", prefix: "user:https://issuer.example#" },
      groups: { claim: "groups", prefix: "group:https://issuer.example#" },
    });
  });

  it("accepts every member", async () => {
    const whole = {
      ...issuer,
      algorithms: ["ES384"],
      type: "at+jwt",
      scopes: ["a", "b"],
      principal: { claim: "email", prefix: "user:" },
    };
    const given = { ...whole, clockTolerance: "5m", groups: { claim: "g", prefix: "group:" } };
    assert.deepEqual((await read({ issuers: [given] })).issuers, [
      { ...whole, clockToleranceMs: 300_000, groups: { claim: "g", prefix: "group:" } },
    ]);
    for (const keysUrl of ["http://localhost:9/a", "http://127.0.0.7/", "http://[::1]/"])
      assert.equal((await read({ issuers: [{ ...issuer, keysUrl }] })).issuers[0]?.keysUrl, keysUrl);
  });

  it("reports mistakes", async () => {
    for (const [wrong, message] of [
      [{ issuer: "" }, /issuers\[0\]\.issuer: expected a text that is not empty/],
      [{ audiences: [] }, /issuers\[0\]\.audiences: expected at least one entry/],
      [{ keysUrl: "http://issuer.example/keys" }, /keysUrl: expected an https: address without a user/],
      [
        { keysUrl: "https://u:p@issuer.example" },
        /keysUrl: expected an https: address without a user .*, got an address with a user$/,
      ],
      [{ keysUrl: "issuer.example" }, /keysUrl: expected an https: address/],
      [{ algorithms: ["HS256"] }, /algorithms\[0\]: expected one of RS256, /],
      [{ algorithms: ["none"] }, /algorithms\[0\]: expected one of RS256, /],
      [{ clockTolerance: "6m" }, /clockTolerance: expected a duration up to "5m"/],
      [{ clockTolerance: "soon" }, /clockTolerance: expected a duration/],
      [{ scopes: ['a"'] }, /scopes\[0\]: expected a scope/],
      [{ scopes: ["a b"] }, /scopes\[0\]: expected a scope/],
      [
        { principal: { claim: "sub", prefix: "group:" } },
        /principal\.prefix: expected user: or serviceAccount:/,
      ],
      [{ principal: { prefix: "user:" } }, /principal: "claim" is missing/],
      [{ groups: { claim: "g", prefix: "user:" } }, /groups\.prefix: expected group:/],
      [{ jwksUri: "x" }, /unknown name "jwksUri"/],
    ] as const)
      assert.match(await mistakesOf({ issuers: [{ ...issuer, ...wrong }] }), message);
    assert.match(
      await mistakesOf({ issuers: [issuer, issuer] }),
      /issuers\[1\]\.issuer: another entry has the same value; the first is in line 1$/,
    );
  });
});

describe("the section keys", () => {
  it("accepts hashes of keys, with groups and an expiry", async () => {
    const groups = ["group:ci"];
    const { keys } = await read({
      keys: [key, { ...key, sha256: "1".repeat(64), groups, expireTime: "2027-01-01T00:00:00Z" }],
    });
    assert.deepEqual(keys, [
      { hash: key.sha256, principal: key.principal, groups: [], expireTime: null },
      { hash: "1".repeat(64), principal: key.principal, groups, expireTime: Date.UTC(2027, 0, 1) },
    ]);
  });

  it("reports mistakes, and shows no key", async () => {
    for (const [wrong, message] of [
      [
        { sha256: "lro_live_secret" },
        /keys\[0\]\.sha256: expected 64 hexadecimal digits in lower case, got another value/,
      ],
      [{ sha256: "A".repeat(64) }, /keys\[0\]\.sha256: expected 64 hexadecimal digits/],
      [{ principal: "ci" }, /keys\[0\]\.principal: expected user:… or serviceAccount:…/],
      [{ groups: ["ci"] }, /keys\[0\]\.groups\[0\]: expected group:…/],
      [{ expireTime: "tomorrow" }, /keys\[0\]\.expireTime: expected a time/],
      [{ expireTime: "2027-13-01T00:00:00Z" }, /keys\[0\]\.expireTime: expected a time/],
    ] as const)
      assert.match(await mistakesOf({ keys: [{ ...key, ...wrong }] }), message);
    assert.match(
      await mistakesOf({ keys: [key, key] }),
      /keys\[1\]\.sha256: another entry has the same value; the first is in line 1$/,
    );
    assert.doesNotMatch(await mistakesOf({ keys: [{ ...key, sha256: "lro_live_secret" }] }), /secret/);
  });
});

describe("the section certificates", () => {
  it("accepts addresses and subnets of proxies", async () => {
    const trustedProxies = ["10.0.0.0/8", "192.0.2.7", "fd00::/8", "::1"];
    assert.deepEqual((await read({ certificates: { trustedProxies } })).certificates.trustedProxies, [
      { address: "10.0.0.0", bits: 8 },
      { address: "192.0.2.7", bits: 32 },
      { address: "fd00::", bits: 8 },
      { address: "::1", bits: 128 },
    ]);
    assert.deepEqual((await read({ certificates: {} })).certificates.trustedProxies, []);
    assert.deepEqual((await read({})).certificates.trustedProxies, []);
  });

  it("rejects invalid addresses, and subnets that contain everybody", async () => {
    for (const wrong of [
      "0.0.0.0/0",
      "::/0",
      "10.0.0.0/33",
      "10.0.0",
      "proxy",
      "10.0.0.0/",
      "10.0.0.0/8/8",
      7,
    ])
      assert.match(
        await mistakesOf({ certificates: { trustedProxies: [wrong] } }),
        /certificates\.trustedProxies\[0\]: expected an address, or a subnet/,
        String(wrong),
      );
  });
});
