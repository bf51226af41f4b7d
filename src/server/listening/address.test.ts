import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { cannotListen, readAddress, urlHost } from "./address.ts";

function failed(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`listen ${code}`), { code });
}

describe("readAddress()", () => {
  it("accepts names and addresses, and an IPv6 one with or without brackets", () => {
    for (const host of ["127.0.0.1", "0.0.0.0", "localhost", "::", "::1", "fe80::1%eth0", "::ffff:127.0.0.1"])
      assert.deepEqual(readAddress({ host, port: 0 }), { host, port: 0 });
    assert.deepEqual(readAddress({ host: "[::1]", port: 65_535 }), { host: "::1", port: 65_535 });
  });

  it("says that Unix sockets are not supported", () => {
    for (const host of ["/run/archive.sock", "unix:/run/archive.sock", "./archive.sock", "@archive"])
      assert.throws(() => readAddress({ host, port: 0 }), /TCP ports, not on Unix sockets.*got "/, host);
  });

  it("says what a host may be, and what was given", () => {
    assert.throws(
      () => readAddress({ host: "http://127.0.0.1:80", port: 0 }),
      /scheme and port do not belong/,
    );
    for (const host of ["127.0.0.1:80", "localhost:8080", "[::1]:80"])
      assert.throws(() => readAddress({ host, port: 0 }), /a port is a setting of its own/, host);
  });
});

describe("cannotListen()", () => {
  it("names the place and what to do", () => {
    const address = { host: "::1", port: 80 };
    assert.match(
      cannotListen(failed("EACCES"), address).message,
      /^Cannot listen on \[::1\]:80: .*privilege/,
    );
    assert.match(cannotListen(failed("EADDRINUSE"), address).message, /another program listens there/);
    assert.match(cannotListen(failed("EAGAIN"), address).message, /listen EAGAIN/);
  });

  it("asks for the interface of a link-local address", () => {
    assert.match(cannotListen(failed("EINVAL"), { host: "fe80::1", port: 0 }).message, /fe80::1%eth0/);
    assert.match(
      cannotListen(failed("EINVAL"), { host: "x".repeat(300), port: 0 }).message,
      /no name or addr/,
    );
  });
});

describe("urlHost()", () => {
  it("writes an address as in a URL", () => {
    assert.equal(urlHost("127.0.0.1"), "127.0.0.1");
    assert.equal(urlHost("::1"), "[::1]");
    assert.equal(urlHost("fe80::1%eth0"), "[fe80::1%25eth0]");
  });
});
