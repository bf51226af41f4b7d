import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { LIMITS } from "../core/limits.ts";
import { SERVICE_METADATA_FIELDS } from "../core/method/metadata.ts";
import type { Method } from "../core/method/method.ts";
import { jsonSchemaOf } from "../core/method/schema.ts";
import { MistakesError } from "../forms/mistakes.ts";
import { loadMethodsAt } from "./load.ts";

const folder = mkdtempSync(join(tmpdir(), "longrunning-methods-"));
after(() => rmSync(folder, { recursive: true }));

const write = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

const load = (path: string, shown = path): Promise<readonly Method[]> =>
  loadMethodsAt(path, { shown, environment: {} });
const read = (source: string): Promise<readonly Method[]> => load(write("m.yaml", source), "m.yaml");

/** The messages about a file, one per line. */
async function toldOf(source: string): Promise<string[]> {
  const refusal = await read(source).then(
    () => assert.fail("it was taken"),
    (error: unknown) => error,
  );
  assert.ok(refusal instanceof MistakesError);
  return refusal.message.split("\n");
}

const FULL = `
methods:
  - name: resizeDisk
    description: Makes a disk larger.
    request:
      properties:
        disk: { properties: { name: { type: string } }, required: [name] }
        size: { type: integer }
      required: [disk]
    response: { $ref: disk.json }
    metadata: { properties: { percent: { type: integer } } }
    retry: { delays: [5s, 5m] }
    deadline: 30m
    timeToLive: { default: 7d, max: 30d }
    parallel: { key: disk.name, limit: 2, when: queue }
    target: disks/{disk.name}
    run: remote
`;

describe("loadMethodsAt()", () => {
  it("reads everything that a file can say about a method", async () => {
    write("disk.json", '{ "type": "object" }');
    const [method, ...others] = await read(FULL);
    assert.ok(method);
    assert.equal(others.length, 0);
    const { name, description, isRemote, deadlineMs, timeToLive, retry, parallel } = method;
    assert.deepEqual(
      [name, description, isRemote, deadlineMs],
      ["resizeDisk", "Makes a disk larger.", true, 1_800_000],
    );
    assert.deepEqual(timeToLive, { defaultMs: 604_800_000, minMs: 1_000, maxMs: 2_592_000_000 });
    assert.deepEqual([retry.attempts, retry.delaysMs], [3, [5_000, 300_000]]);
    assert.deepEqual([parallel?.limit, parallel?.when], [2, "queue"]);
    const request = { disk: { name: "d" } };
    assert.deepEqual([parallel?.key(request), method.target(request)], ["d", "disks/d"]);
    assert.deepEqual([parallel?.key({ disk: {} }), method.target({})], ["", ""]);
    assert.deepEqual(jsonSchemaOf(method.response, "output"), { type: "object" });
    assert.deepEqual(jsonSchemaOf(method.metadata, "output"), {
      properties: { percent: { type: "integer" } },
    });
  });

  it("reads JSON, and files without optional members", async () => {
    const path = write("m.json", JSON.stringify({ methods: [{ name: "go", request: true, run: "remote" }] }));
    const [method] = await load(path);
    assert.ok(method);
    assert.deepEqual(
      [method.response, method.parallel, method.deadlineMs, method.target({})],
      [undefined, null, null, ""],
    );
    assert.deepEqual(method.request["~standard"].validate({ any: 1 }), { value: { any: 1 } });
  });

  it("says that a file cannot be read", async () => {
    await assert.rejects(load(join(folder, "none.yaml")), {
      name: "TypeError",
      message: /^The methods ".*none\.yaml" cannot be read: ENOENT/,
    });
  });

  it("reports every mistake at once, with file, line and column", async () => {
    write("disk.yaml", "$defs: { Disk: { typ: object } }");
    assert.deepEqual(
      await toldOf(`descriptor: x
methods:
  - name: Resize
    requst: {}
    request:
      properties:
        disk: { $ref: "disk.yaml#/$defs/Disk" }
    retry: { attempts: 0, codes: [UNAVAILABLE] }
    deadline: 0s
    timeToLive: { default: 1d, min: 2d }
    parallel: { key: "a b", when: wait }
    target: a/{b
    run: remot
  - name: wait
    request: { type: string }
    response: { type: array }
    metadata: { properties: { state: {} } }
    run: remote
  - name: one
    request: { properties: { project: {} } }
    descriptors: api.binpb
    target: projects/{projekt}
    parallel: { key: projects, when: reject }
    run: remote
  - name: one
    request: {}
    run: { url: "https://example.com" }
  - run: remote
`),
      [
        'm.yaml:1:1: descriptor: unknown name "descriptor" (did you mean "descriptors"?)',
        'm.yaml:3:11: methods[0].name: expected lowerCamelCase of 64 characters at most, got "Resize"',
        'm.yaml:4:5: methods[0].requst: unknown name "requst" (did you mean "request"?)',
        "m.yaml:8:24: methods[0].retry.attempts: expected a whole number from 1 to 1000, got 0",
        'm.yaml:8:27: methods[0].retry.codes: unknown name "codes"; expected one of attempts, initialDelay, multiplier, maxDelay, delays',
        'm.yaml:9:15: methods[0].deadline: expected more than 0s, and 3650d at most, got "0s"',
        "m.yaml:10:17: methods[0].timeToLive: min, default and max must be in this order",
        'm.yaml:11:22: methods[0].parallel.key: expected the path of a member of the request, such as disk.name, got "a b"',
        'm.yaml:11:35: methods[0].parallel.when: expected one of reject, queue, got "wait"',
        'm.yaml:12:13: methods[0].target: expected a template such as projects/{project}, got a "{" that stands alone',
        'm.yaml:13:10: methods[0].run: expected remote, or a mapping such as url: "https://…", got "remot"',
        'm.yaml:14:11: methods[1].name: "wait" belongs to the Operations service',
        "m.yaml:15:14: methods[1].request: expected a schema of an object, since callers get an object, got one of string",
        "m.yaml:16:15: methods[1].response: expected a schema of an object, since callers get an object, got one of array",
        `m.yaml:17:31: methods[1].metadata.properties.state: "state" is filled by the service; use another name (it fills ${SERVICE_METADATA_FIELDS.join(", ")})`,
        'm.yaml:21:5: methods[2].descriptors: "descriptors" belong to an "rpc", and there is none',
        'm.yaml:22:13: methods[2].target: the request has no "projekt" (did you mean "project"?)',
        'm.yaml:23:22: methods[2].parallel.key: the request has no "projects" (did you mean "project"?)',
        'm.yaml:25:11: methods[3].name: the method "one" is declared twice; the first is in line 19',
        'm.yaml:28:5: methods[4]: "name" is missing',
        'm.yaml:28:5: methods[4]: "request" is missing: give a JSON Schema, or an "rpc"',
        'disk.yaml:1:18: $defs.Disk.typ: JSON Schema has no keyword "typ" (did you mean "type"?)',
      ],
    );
  });

  it("reports the same mistakes in a file that has only one", async () => {
    for (const [method, told] of MISTAKES) {
      const [first, ...others] = await toldOf(`methods:\n  - ${method}\n`);
      assert.equal(first, `m.yaml:2:${told}`);
      assert.deepEqual(others, []);
    }
  });

  it("refuses a duplicate name", async () => {
    const method = "  - { name: one, request: {}, run: remote }\n";
    assert.deepEqual(await toldOf(`methods:\n${method}${method}`), [
      'm.yaml:3:13: methods[1].name: the method "one" is declared twice; the first is in line 2',
    ]);
  });

  it("has limits: bytes, depth, methods, and reported mistakes", async () => {
    const long = `# ${"x".repeat(LIMITS.methodsFileBytesMax)}\nmethods: []`;
    assert.match(
      (await toldOf(long))[0] ?? "",
      /^m\.yaml:1:1: a file of methods or schemas has at most \d+ bytes, and this one has more$/,
    );
    const deep = `methods: ${"[".repeat(200)}${"]".repeat(200)}`;
    assert.match((await toldOf(deep))[0] ?? "", /the values are nested too deeply/);
    const many = `methods: [${"{ run: remote },".repeat(LIMITS.fileMethodsMax + 1)}]`;
    const told = await toldOf(many);
    assert.match(told[0] ?? "", /a file has at most 1000 methods, got 1001$/);
    assert.equal(told.length, LIMITS.mistakesMax);
  });
});

/** A method, and the message about it from the column on. */
const MISTAKES: readonly (readonly [string, string])[] = [
  ["nothing", '5: methods[0]: expected a mapping (name: value), got "nothing"'],
  ["{ name: a, request: {} }", '5: methods[0]: "run" is missing: say who runs it, such as run: remote'],
  ["{ request: {}, run: remote }", '5: methods[0]: "name" is missing'],
  ["{ name: a, run: remote }", '5: methods[0]: "request" is missing: give a JSON Schema, or an "rpc"'],
  [
    "{ name: a, request: { titel: x }, run: remote }",
    '27: methods[0].request.titel: JSON Schema has no keyword "titel" (did you mean "title"?)',
  ],
  [
    "{ name: a, request: {}, target: 'a/{b', run: remote }",
    '37: methods[0].target: expected a template such as projects/{project}, got a "{" that stands alone',
  ],
  [
    "{ name: a, request: { $ref: '#' }, run: remote }",
    "25: methods[0].request: no value can be checked with it: a schema refers to itself without an end, or too often",
  ],
  [
    "{ name: a, request: {}, retry: { delays: [1s], attempts: 2 }, run: remote }",
    "46: methods[0].retry.delays: it says how often and when, so retry.attempts has to be left out",
  ],
];
