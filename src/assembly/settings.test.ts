import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { anyCharacter } from "../../test/support/any-character.ts";
import { optionsOf } from "../cli/commands/serve.ts";
import { parseSettings, SettingsError, type SettingSources } from "../config/parse.ts";
import { environmentNameOf, flagOf, optionOf, type Setting } from "../config/setting.ts";
import { LISTEN_KEYS, OPEN_KEYS, SERVE_KEYS } from "../config/setting-keys.ts";
import { type SettingKey, SETTINGS } from "../config/settings.ts";
import { readOpenOptions, readServeOptions } from "./options.ts";

/**
 * The command line and `serve` use the same table, so they reject the same values, with the same
 * words.
 */

const KEYS: readonly SettingKey[] = [...OPEN_KEYS, ...LISTEN_KEYS];
const GOOD = { methods: [], store: "sqlite::memory:" };

/** Arbitrary texts, and texts that are valid for a setting, or almost. */
const texts = (...likely: readonly string[]): fc.Arbitrary<string> =>
  fc.oneof(fc.string({ unit: anyCharacter }), fc.constantFrom("", " ", "a", "A.b-c", "1", "true", ...likely));

/** Values of a setting's type, valid and invalid ones, and some of other types. */
function valuesOf(setting: Setting): fc.Arbitrary<unknown> {
  switch (setting.type) {
    case "string":
      return texts("archive.example.com", "127.0.0.1", "a\0b", "x".repeat(63), "x".repeat(64));
    case "list":
      return fc.array(
        texts("*", "*.a.b", "a/b", "https://a.b", "https://A.b:8443", "https://a.b:443", "ftp://a").filter(
          (text) => !text.includes(","),
        ),
        { minLength: 1, maxLength: 3 },
      );
    case "integer": {
      const { min, max } = setting;
      const near = fc.constantFrom(min - 1, min, min + 1, max - 1, max, max + 1);
      return fc.oneof(
        fc.integer(),
        near,
        texts("0x3", "1.5").filter((text) => !/^-?\d+$/.test(text)),
      );
    }
    case "duration":
      return fc.oneof(
        texts(setting.min, setting.max, "1.5s", "30", "-1s"),
        fc.tuple(fc.nat(4_000), fc.constantFrom("ms", "s", "m", "h")).map((parts) => parts.join("")),
      );
    case "boolean":
      return fc.oneof(
        fc.boolean(),
        texts("yes").filter((text) => text !== "true" && text !== "false"),
      );
    case "enum":
      return texts(...setting.values, ...setting.values.map((value) => value.toUpperCase()));
    case "address":
      return texts(
        ...setting.schemes.flatMap((scheme) => [`${scheme}:`, `${scheme}:a`, `${scheme}://a:b@c/d?e`]),
        setting.example,
        "https://a/?b#c",
        "mysql://u:secret@h/d",
      );
  }
}

/** A value, or the violation without its name and source. */
type Read = { readonly value: unknown } | { readonly violation: string };

function readBy(name: string, read: () => Readonly<Record<string, unknown>>, member: string): Read {
  try {
    return { value: read()[member] };
  } catch (error) {
    assert.ok(error instanceof TypeError || error instanceof SettingsError, String(error));
    assert.ok(error.message.startsWith(`${name}: `), error.message);
    return { violation: error.message.slice(name.length + 2) };
  }
}

function byCommandLine(key: SettingKey, sources: Partial<SettingSources>): Read {
  const name = sources.flags === undefined ? key : flagOf(key);
  return readBy(name, () => parseSettings([key], { flags: {}, environment: {}, ...sources }), memberOf(key));
}

function byOption(key: SettingKey, value: unknown): Read {
  const setting: Setting = SETTINGS[key];
  const option = optionOf(key, setting) ?? assert.fail("it is an option");
  const [name = "", member] = option.split(".");
  const options = { ...GOOD, [name]: member === undefined ? value : { [member]: value } };
  return readBy(option, () => readServeOptions(options), memberOf(key));
}

const memberOf = (key: SettingKey): string => (SETTINGS[key].type === "duration" ? `${key}Ms` : key);

for (const key of KEYS) {
  const setting: Setting = SETTINGS[key];

  test(`${key}: the command line, a file and serve accept the same values and refuse the same`, () => {
    fc.assert(
      fc.property(valuesOf(setting), (value) => {
        const expected = byOption(key, value);
        const text = Array.isArray(value) ? value.join(",") : String(value);
        assert.deepEqual(byCommandLine(key, { flags: { [key]: text } }), expected);
        const file = { path: "f", text: JSON.stringify({ [key]: value }) };
        assert.deepEqual(behind(byCommandLine(key, { file }), " (from f)"), expected);
        if (text === "") return;
        const variable = environmentNameOf(key);
        const found = byCommandLine(key, { environment: { [variable]: text } });
        assert.deepEqual(behind(found, ` (from ${variable})`), expected);
      }),
      { numRuns: 200 },
    );
  });

  if (setting.isRequired !== true)
    test(`${key}: all have the same default`, () => {
      assert.deepEqual(byCommandLine(key, {}), byOption(key, undefined));
    });
}

/** Removes the place from the end of a message. */
function behind(read: Read, place: string): Read {
  if ("value" in read) return read;
  assert.ok(read.violation.endsWith(place), read.violation);
  return { violation: read.violation.slice(0, -place.length) };
}

test("every setting of the command line reaches its option", () => {
  const flags = {
    host: "::1",
    port: "1",
    probePort: "2",
    store: "postgres://h/d",
    role: "api",
    listen: "false",
    connections: "3",
    concurrency: "0",
    lease: "1.5m",
    drain: "1m",
    drainDelay: "2ms",
    name: "n",
    title: "T",
    publicUrl: "https://a",
    allowedHosts: "a,b",
    cors: "https://a,https://b",
    jsonp: "true",
    accessLog: "true",
    metrics: "true",
    statistics: "false",
    admin: "read",
    adminToken: "0123456789abcdef",
    access: "access.yaml",
    accessControl: "false",
    queryCredentials: "true",
    attemptSpans: "parent",
    audit: "audit.jsonl",
    auditReads: "true",
    auditFailure: "refuse",
    kek: "env:A,env:B",
    encrypt: "false",
    webhooks: "true",
    webhookAllow: "10.0.0.0/8",
    webhookProxy: "http://proxy.example.com:3128",
  };
  assert.deepEqual(Object.keys(flags).toSorted(), KEYS.toSorted());
  const settings: Readonly<Record<string, unknown>> = parseSettings(SERVE_KEYS, { flags, environment: {} });
  const options = optionsOf(parseSettings(SERVE_KEYS, { flags, environment: {} }));
  const read = Object.entries(readServeOptions({ methods: [], ...options }));
  const standard: Readonly<Record<string, unknown>> = readServeOptions(GOOD);
  for (const [name, value] of read) {
    assert.deepEqual(value, settings[name], name);
    assert.notDeepEqual(value, standard[name], `${name} is not the default, so that it shows`);
  }
});

test("openOperations has the defaults of serve", () => {
  const { host: _host, port: _port, role: _role, drainDelayMs: _delay, ...rest } = readServeOptions(GOOD);
  const { allowedHosts: _hosts, probePort: _probePort, admin: _admin, adminToken: _token, ...others } = rest;
  const { accessControl: _control, ...open } = others;
  assert.deepEqual({ ...readOpenOptions(GOOD) }, open);
});
