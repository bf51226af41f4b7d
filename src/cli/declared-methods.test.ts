import assert from "node:assert/strict";
import { test } from "node:test";
import { createClient } from "../client/index.ts";
import { Receiver } from "../outbound/receiver.suite.ts";
import { EXIT } from "./exit.ts";
import { aWorld, source, type World } from "./world.suite.ts";

const METHODS = `methods:
  - name: resizeDisk
    description: Makes a disk larger.
    request:
      type: object
      properties:
        disk: { $ref: "disk.json#/$defs/DiskName" }
        sizes: { type: array, items: { type: integer, minimum: 1 } }
      required: [disk, sizes]
      additionalProperties: false
    response: { $ref: disk.json }
    target: disks/{disk}
    parallel: { key: disk, when: reject }
    run: remote
`;
const DISK = JSON.stringify({
  type: "object",
  properties: { name: { $ref: "#/$defs/DiskName" } },
  $defs: { DiskName: { type: "string", pattern: "^[a-z]+$", examples: ["data"] } },
});
const FLAGS = ["--store", "sqlite::memory:", "--port", "0", "--log-format", "json"];

const worldWith = (methods: string): World => {
  const world = aWorld();
  world.file("methods.yaml", methods);
  world.file("disk.json", DISK);
  return world;
};

/** A module with a method of this name. */
const declare = (name: string): string =>
  `import { defineMethod } from ${JSON.stringify(source("core/method/method.ts"))};
     const request = { "~standard": { version: 1, vendor: "test", validate: (value) => ({ value }) } };
     export const one = defineMethod({ name: "${name}", request, run: () => {} });`;

type Json = Readonly<Record<string, any>>; // oxlint-disable-line typescript/no-explicit-any -- documents are read by path

/** Serves the methods until the check is over. */
async function served(methods: string, check: (url: string) => Promise<void>): Promise<void> {
  using world = worldWith(methods);
  const ended = world.run("serve", "--methods", "methods.yaml", ...FLAGS);
  try {
    await world.outContains("Serving on");
    await check(/http:\S+/.exec(world.out())?.[0] ?? "");
  } finally {
    world.interrupt();
    assert.equal(await ended, EXIT.succeeded);
  }
}

test("serve --methods validates starts by the declarations in a file, and leaves them to workers", async () => {
  await served(METHODS, async (url) => {
    const post = async (body: unknown): Promise<Json> => {
      const headers = { "content-type": "application/json" };
      const answer = await fetch(`${url}/v1:resizeDisk`, {
        method: "POST",
        headers,
        body: JSON.stringify(body),
      });
      return (await answer.json()) as Json;
    };
    const { error } = await post({ disk: "D", sizes: [1, 0], size: 5 });
    assert.deepEqual([error.status, error.details[0].reason], ["INVALID_ARGUMENT", "REQUEST_INVALID"]);
    const { fieldViolations } = (error.details as Json[]).find((each) => "fieldViolations" in each) ?? {};
    assert.deepEqual(
      fieldViolations.map(({ field, description }: Json) => `${field}: ${description}`),
      [
        'size: there is no member with this name (did you mean "sizes"?)',
        'disk: must match the pattern "^[a-z]+$"',
        "sizes[1]: must be at least 1, got 0",
      ],
    );
    const { done = false, metadata } = await post({ disk: "data", sizes: [1] });
    assert.deepEqual([done, metadata.value.state, metadata.value.target], [false, "PENDING", "disks/data"]);
    const again = await post({ disk: "data", sizes: [2] });
    assert.equal(again["error"].details[0].reason, "PARALLEL_LIMIT_REACHED");
  });
});

test("serve --methods shows the schemas of a file in the documents of the service", async () => {
  await served(METHODS, async (url) => {
    const get = async (path: string): Promise<Json> => (await (await fetch(url + path)).json()) as Json;
    const { paths, components } = await get("/openapi.json");
    const { schema } = paths["/v1:resizeDisk"].post.requestBody.content["application/json"];
    assert.equal(schema.$ref, "#/components/schemas/ResizeDiskRequest");
    assert.deepEqual(components.schemas.ResizeDiskRequest.properties.disk, {
      $ref: "#/components/schemas/ResizeDiskRequest/$defs/DiskName",
    });
    const { schemas, methods } = await get("/$discovery/rest?version=v1");
    assert.match(methods.resizeDisk.description, /^Makes a disk larger\./);
    assert.equal(schemas.ResizeDiskRequest.properties.disk.$ref, "ResizeDiskRequestDiskName");
    assert.equal(schemas.ResizeDiskResponse.properties.name.$ref, "ResizeDiskResponseDiskName");
  });
});

test("serve --methods runs operations at the URL that a file gives", async () => {
  await using receiver = await Receiver.open();
  receiver.answer = (response) =>
    void response.writeHead(200, { "content-type": "application/json" }).end('{"name":"data"}');
  const run = `run: { url: '${receiver.url}/resize', headers: { x-team: media } }`;
  await served(METHODS.replace("run: remote", run), async (url) => {
    const client = createClient(url);
    const { name } = await client.start("resizeDisk", { disk: "data", sizes: [1] });
    const { response } = await client.wait(name);
    assert.deepEqual(response, { name: "data" });
  });
  const [arrival] = receiver.arrivals;
  assert.deepEqual([arrival?.path, arrival?.headers["x-team"]], ["/resize", "media"]);
  assert.deepEqual(JSON.parse(arrival?.body ?? ""), { disk: "data", sizes: [1] });
});

test("serve accepts modules beside a file of methods, and each name once", async () => {
  using world = worldWith(METHODS);
  world.file("same.mjs", declare("resizeDisk"));
  world.file("other.mjs", declare("other"));
  assert.equal(await world.run("serve", "same.mjs", "--methods", "methods.yaml", ...FLAGS), EXIT.usage);
  assert.match(world.err(), /"resizeDisk" is declared twice: in "same\.mjs" and in "methods\.yaml"/);
  const ended = world.run("serve", "other.mjs", "--methods", "methods.yaml", ...FLAGS);
  await world.outContains("Serving on");
  world.interrupt();
  assert.equal(await ended, EXIT.succeeded);
  assert.match(world.err(), /"other","resizeDisk"/);
});

test("serve does not start with mistakes in a file of methods, and prints each", async () => {
  using world = worldWith(METHODS.replace("integer", "intejer").replace("remote", "local"));
  assert.equal(await world.run("serve", "--methods", "methods.yaml", ...FLAGS), EXIT.usage);
  assert.match(world.err(), /methods\.yaml:8:\d+: .*\(did you mean "integer"\?\)\n/);
  assert.match(world.err(), /methods\.yaml:14:10: methods\[0\]\.run: expected remote, or a mapping/);
  assert.match(world.err(), /longrunning methods check methods\.yaml/);
});

test("serve needs a module or a file of methods", async () => {
  using world = aWorld();
  assert.equal(await world.run("serve"), EXIT.usage);
  assert.match(world.err(), /serve: expected FILE… or --methods FILE/);
});
