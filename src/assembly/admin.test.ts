import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { anonymously } from "../server/authenticate.ts";
import { adminSettingOf, mountOf } from "./admin.ts";

const settings = {
  admin: undefined,
  adminToken: undefined,
  host: "127.0.0.1",
  publicUrl: undefined,
  isByRules: false,
};

describe("adminSettingOf()", () => {
  it("allows operators on this machine if others cannot reach the server, and nobody elsewhere", () => {
    const own = adminSettingOf(settings);
    assert.ok(own.level !== "off" && own.isDefault);
    assert.deepEqual([own.level, [...(own.hosts ?? [])]], ["full", ["localhost", "127.0.0.1", "[::1]"]]);
    const everywhere = adminSettingOf({ ...settings, host: "0.0.0.0" });
    assert.ok(everywhere.level === "off");
    assert.match(everywhere.why, /others reach 0\.0\.0\.0 too; --admin read/);
    const proxied = adminSettingOf({ ...settings, publicUrl: "https://a.example.com" });
    assert.ok(proxied.level === "off");
    assert.match(proxied.why, /callers come by https:\/\/a\.example\.com/);
  });

  it("does what the setting says", () => {
    assert.deepEqual(adminSettingOf({ ...settings, admin: "off" }), { level: "off", why: "--admin off" });
    const read = adminSettingOf({
      ...settings,
      admin: "read",
      host: "0.0.0.0",
      publicUrl: "https://a.example",
    });
    assert.deepEqual(read, { level: "read", token: undefined, hosts: undefined, isDefault: false });
    const local = adminSettingOf({ ...settings, admin: "full", publicUrl: "https://a.example.com" });
    assert.ok(local.level !== "off" && local.hosts?.has("a.example.com") === true);
  });
});

describe("adminSettingOf() with access rules", () => {
  it("serves operators wherever the server listens, because the rules identify them", () => {
    for (const host of ["127.0.0.1", "0.0.0.0"]) {
      const served = adminSettingOf({ ...settings, host, isByRules: true });
      assert.ok(served.level === "full" && !served.isDefault);
    }
    assert.equal(adminSettingOf({ ...settings, admin: "off", isByRules: true }).level, "off");
    assert.equal(adminSettingOf({ ...settings, admin: "read", isByRules: true }).level, "read");
    const both = { ...settings, adminToken: "0123456789abcdef", isByRules: true };
    assert.throws(
      () => adminSettingOf(both),
      /^TypeError: adminToken cannot be used together with access rules/,
    );
  });
});

describe("mountOf()", () => {
  it("serves no operators behind a proxy, unless a setting allows it or operators have a token", () => {
    const own = adminSettingOf(settings);
    const secret = adminSettingOf({ ...settings, adminToken: "0123456789abcdef" });
    const told = adminSettingOf({ ...settings, admin: "read" });
    assert.ok(own.level !== "off" && secret.level !== "off" && told.level !== "off");
    assert.match(mountOf(own, anonymously).ways.noProxy ?? "", /A proxy passed this on/);
    assert.equal(mountOf(secret, anonymously).ways.noProxy, undefined);
    assert.equal(mountOf(told, anonymously).ways.noProxy, undefined);
    assert.equal(mountOf(own, anonymously).path, "/admin/");
  });
});
