import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { MistakesError } from "../forms/mistakes.ts";
import { loadMethodsAt } from "./load.ts";

const folder = mkdtempSync(join(tmpdir(), "longrunning-methods-"));
after(() => rmSync(folder, { recursive: true }));
const SECRET = `whsec_${"A".repeat(32)}`;
writeFileSync(join(folder, "secret"), `${SECRET}\n`);

const read = (run: string): ReturnType<typeof loadMethodsAt> => {
  writeFileSync(join(folder, "m.yaml"), `methods:\n  - name: a\n    request: {}\n    run: ${run}\n`);
  return loadMethodsAt(join(folder, "m.yaml"), {
    shown: "m.yaml",
    environment: { SECRET, SHORT: "hunter2" },
  });
};

for (const run of [
  "remote",
  "{ url: 'https://example.com/a' }",
  "{ url: 'https://example.com/a', timeout: 5m, headers: { x-team: media }, cancelUrl: 'https://example.com/b' }",
  `{ url: 'https://example.com/a', auth: { secret: ${SECRET} } }`,
  `{ url: 'https://example.com/a', auth: { secret: [${SECRET}, ${SECRET}] } }`,
  `{ url: 'https://example.com/a', auth: { secret: [env:SECRET, file:secret, ${SECRET}] } }`,
  "{ url: 'https://example.com/a', auth: { bearer: token } }",
  "{ url: 'https://example.com/a', auth: { bearer: env:SECRET } }",
  "{ url: 'https://example.com/a', auth: { oidc: { tokenFile: token } } }",
])
  test(`operations can be run by ${run}`, async () => {
    const [method] = await read(run);
    assert.equal(method?.isRemote, run === "remote");
  });

for (const [run, ...told] of [
  ["remot", '10: methods[0].run: expected remote, or a mapping such as url: "https://…", got "remot"'],
  ["{ timeout: 5m }", '10: methods[0].run: "url" is missing'],
  ["{ url: a.b }", /^17: methods\[0\]\.run\.url: /],
  [
    "{ uri: x, timeout: soon }",
    '10: methods[0].run: "url" is missing',
    '12: methods[0].run.uri: unknown name "uri" (did you mean "url"?)',
    '29: methods[0].run.timeout: expected a duration such as "30s", "15m" or "30d", got "soon"',
  ],
  [
    "{ url: 'https://a.b', timeout: 2d }",
    /^41: methods\[0\]\.run\.timeout: expected more than 0s, and 1d at most/,
  ],
  [
    "{ url: 'https://a.b', headers: { host: x } }",
    /^41: methods\[0\]\.run\.headers: the service fills "host" itself/,
  ],
  [
    "{ url: 'https://a.b', auth: { secret: hunter2 } }",
    /^48: methods\[0\]\.run\.auth\.secret: expected "whsec_" .* got another text of 7/,
  ],
  [
    "{ url: 'https://a.b', auth: { bearer: 12345678 } }",
    "48: methods[0].run.auth.bearer: expected a text that is not empty, got another value",
  ],
  [
    "{ url: 'https://a.b', auth: { secret: env:SHORT } }",
    /^48: methods\[0\]\.run\.auth\.secret: expected "whsec_" .* got another text of 7/,
  ],
  [
    "{ url: 'https://a.b', auth: { secret: [env:SECRET, env:NONE, file:none] } }",
    "61: methods[0].run.auth.secret[1]: the variable NONE is not set, or empty",
    /^71: methods\[0\]\.run\.auth\.secret\[2\]: the file "none" cannot be read: ENOENT/,
  ],
  [
    "{ url: 'https://a.b', auth: { bearer: file:none } }",
    /^48: methods\[0\]\.run\.auth\.bearer: the file "none" cannot be read: ENOENT/,
  ],
  ["{ url: 'https://a.b', auth: {} }", /^38: methods\[0\]\.run\.auth: expected one of/],
] as const)
  test(`operations cannot be run by ${run}`, async () => {
    const refusal: unknown = await read(run).catch((error: unknown) => error);
    assert.ok(refusal instanceof MistakesError);
    const lines = refusal.message.split("\n");
    assert.equal(lines.length, told.length, refusal.message);
    for (const [index, line] of lines.entries()) {
      const expected = told[index] ?? "";
      assert.equal(line.slice(0, 9), "m.yaml:4:");
      if (typeof expected === "string") assert.equal(line.slice(9), expected);
      else assert.match(line.slice(9), expected);
    }
    assert.doesNotMatch(refusal.message, /hunter2|12345678/);
  });
