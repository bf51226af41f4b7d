import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { TargetRefused, Targets } from "./target.ts";

/** An address of every range that is not public, in all forms that a URL allows. */
const REFUSED: Readonly<Record<string, readonly string[]>> = {
  unspecified: ["0.0.0.0", "[::]", "0", "0x0"],
  loopback: [
    "127.0.0.1",
    "127.1",
    "0x7f.1",
    "2130706433",
    "0177.0.0.1",
    "①②⑦.0.0.1",
    "127.255.255.254",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
  ],
  private: ["10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "[::ffff:10.0.0.1]"],
  linkLocal: ["169.254.169.254", "[fe80::1]", "[::ffff:169.254.169.254]"],
  carrierGradeNat: ["100.64.0.1", "100.127.255.255"],
  uniqueLocal: ["[fc00::1]", "[fd12:3456::1]", "[fd00:ec2::254]"],
  multicast: ["224.0.0.1", "239.255.255.255", "[ff02::1]"],
  broadcast: ["255.255.255.255"],
  reserved: ["240.0.0.1", "192.0.2.1", "198.51.100.1", "203.0.113.1", "[2001:db8::1]", "192.0.0.1"],
  benchmarking: ["198.18.0.1", "[2001:2::1]"],
  discard: ["[100::1]"],
  deprecatedSiteLocal: ["[fec0::1]"],
  rfc6052: ["[64:ff9b::7f00:1]", "[64:ff9b::a00:1]"],
  "6to4": ["[2002:7f00:1::]", "[2002:a00:1::1]"],
  teredo: ["[2001:0:7f00:1::]"],
  segmentRouting: ["[5f00::1]"],
  "IPv4 in the last bits": ["[::127.0.0.1]", "[::a00:1]", "[::ffff:0:127.0.0.1]"],
  "not given out": ["[::2]", "[100:0:0:1::1]", "[200::1]", "[4000::1]", "[fe00::1]"],
};

const PUBLIC = ["93.184.215.14", "[2606:2800:21f:cb07:6820:80da:af6b:8b2c]"];

/** The address in a URL's host, without brackets. */
function addressOf(host: string): string {
  return new URL(`https://${host}/`).hostname.replace(/^\[|\]$/g, "");
}

/** The result of a lookup for a connection. */
function lookedUp(targets: Targets, url: string): Promise<unknown> {
  const { hostname } = new URL(url);
  return new Promise((resolve, reject) => {
    targets.lookup(new URL(url))(hostname, { all: true }, (error, addresses) =>
      error === null ? resolve(addresses) : reject(error),
    );
  });
}

suite("Targets", () => {
  for (const [range, hosts] of Object.entries(REFUSED))
    for (const host of hosts)
      test(`refuses ${host} (${range}), directly and by a name`, async () => {
        const url = `https://${host}:8443/hook`;
        const targets = new Targets([]);
        assert.equal(targets.violationOf(url), "its host is not a public address");
        assert.throws(() => targets.checkLiteral(new URL(url)), TargetRefused);
        for (const addresses of [[addressOf(host)], ["93.184.215.14", addressOf(host)]]) {
          const named = new Targets([], async () => addresses);
          await assert.rejects(lookedUp(named, "https://hooks.example.com/"), TargetRefused);
        }
      });

  for (const host of PUBLIC)
    test(`accepts ${host}, directly and by a name`, async () => {
      const targets = new Targets([], async () => [addressOf(host)]);
      assert.equal(targets.violationOf(`https://${host}/`), undefined);
      targets.checkLiteral(new URL(`https://${host}/`));
      const [found] = (await lookedUp(targets, "https://hooks.example.com/")) as { address: string }[];
      assert.equal(found?.address, addressOf(host));
    });

  test("refuses names of this machine and of private networks, even with a trailing dot", () => {
    const targets = new Targets([]);
    for (const host of [
      "localhost",
      "LOCALHOST.",
      "a.localhost",
      "printer.local",
      "metadata.google.internal",
      "x.internal.",
    ])
      assert.equal(targets.violationOf(`https://${host}/`), "its host is not a public name", host);
    for (const host of ["example.com", "localhost.example.com", "internal.example.com", "mylocal"])
      assert.equal(targets.violationOf(`https://${host}/`), undefined, host);
  });

  test("resolves such a name to allowed addresses only, in whatever form it is written", async () => {
    const targets = new Targets(["10.0.0.0/8"], async () => ["93.184.215.14"]);
    await assert.rejects(lookedUp(targets, "https://hooks.internal/"), TargetRefused);
    await assert.rejects(lookedUp(targets, "http://hooks.example.com/"), TargetRefused);
    const inside = new Targets(["10.0.0.0/8"], async () => ["10.1.2.3"]);
    for (const url of ["https://hooks.internal/", "http://hooks.example.com/", "https://hooks.example.com/"])
      assert.deepEqual(await lookedUp(inside, url), [{ address: "10.1.2.3", family: 4 }]);
  });

  test("checks the address of a name at each connection", async () => {
    const answers = [["93.184.215.14"], ["127.0.0.1"]];
    const targets = new Targets([], async () => answers.shift() ?? []);
    await lookedUp(targets, "https://rebinding.example.com/");
    await assert.rejects(lookedUp(targets, "https://rebinding.example.com/"), TargetRefused);
    await assert.rejects(lookedUp(targets, "https://nowhere.example.com/"), TargetRefused);
  });

  test("accepts what an operator allows, of that family and nothing wider", () => {
    const targets = new Targets(["10.0.0.0/8", "fd00::/8", "127.0.0.1/32"]);
    for (const host of ["10.9.8.7", "[fd12::1]", "127.0.0.1", "[::ffff:10.0.0.1]"]) {
      assert.equal(targets.violationOf(`https://${host}/`), undefined, host);
      assert.equal(targets.violationOf(`http://${host}/`), undefined, host);
    }
    for (const host of ["192.168.0.1", "127.0.0.2", "[::1]", "[fc00::1]", "[fe80::1]"])
      assert.equal(targets.violationOf(`https://${host}/`), "its host is not a public address", host);
    // Without TLS, public addresses are rejected too.
    assert.notEqual(targets.violationOf("http://93.184.215.14/"), undefined);
    for (const network of ["10.0.0.0", "10.0.0.0/33", "all", ""])
      assert.throws(() => new Targets([network]), TypeError);
  });

  test("says which rule a URL breaks", () => {
    const targets = new Targets([]);
    const cases: readonly (readonly [string, string])[] = [
      ["hooks", "it is not a URL"],
      ["http://example.com/", "it must begin with https:"],
      ["ftp://example.com/", "it must begin with https:"],
      ["file:///etc/passwd", "it must begin with https:"],
      ["https://user:secret@example.com/", "it must not contain a user or a password"],
      ["https://user@example.com/", "it must not contain a user or a password"],
      ["https://example.com/#a", "it must not have a fragment"],
      [`https://example.com/${"a".repeat(2_048)}`, "it must have 2048 characters at most"],
    ];
    for (const [url, rule] of cases) assert.equal(targets.violationOf(url), rule, url);
  });
});
