import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { google } from "googleapis";
import { ArchiveService, leftovers, makeSlowTree } from "./archive-service.ts";
import { tell } from "./report/facts.ts";
import { npmVersion } from "./program.ts";

const CLIENT = { client: "googleapis", version: npmVersion("googleapis"), transport: "REST" };

/**
 * npm's googleapis, unmodified, which builds itself from the discovery document. It has no types
 * for such a service.
 */
interface Discovered {
  createArchive(parameters: Parameters): Promise<Answer>;
  readonly operations: Readonly<
    Record<"get" | "list" | "cancel" | "wait" | "delete", (parameters: Parameters) => Promise<Answer>>
  >;
  readonly parents: { createArchive(parameters: Parameters): Promise<Answer> };
}

type Parameters = Readonly<Record<string, unknown>>;

interface WireOperation {
  readonly name: string;
  readonly done?: true;
  readonly metadata: { readonly value: Readonly<Record<string, unknown>> };
  readonly response?: { readonly "@type": string; readonly value: Readonly<Record<string, unknown>> };
  readonly error?: { readonly code: number; readonly message: string };
}

interface Answer {
  readonly status: number;
  readonly data: WireOperation & {
    readonly operations?: readonly WireOperation[];
    readonly nextPageToken?: string;
  };
}

const discover = async (url: string): Promise<Discovered> =>
  google.discoverAPI<Discovered & object>(`${url}/$discovery/rest?version=v1`);

/** A service with one small directory to pack. */
async function open(): Promise<{ readonly service: ArchiveService; readonly api: Discovered }> {
  const service = await ArchiveService.start();
  await makeSlowTree(service.path("small"), 1);
  return { service, api: await discover(service.url) };
}

function startSmall(service: ArchiveService, api: Discovered, name: string): Promise<Answer> {
  const requestBody = { directory: service.path("small"), output: service.path(`${name}.tar.gz`) };
  return api.createArchive({ requestId: name, requestBody });
}

describe("npm googleapis", { timeout: 60_000 }, () => {
  test("starts, gets in each error format, and waits for the typed result", async () => {
    const { service, api } = await open();
    await using _ = service;
    const { data: started } = await startSmall(service, api, "one");
    assert.match(started.name, /^operations\//);
    const { data: again } = await startSmall(service, api, "one");
    assert.equal(again.name, started.name);
    const { data: done } = await api.operations.wait({ name: started.name, timeout: "30s" });
    assert.equal(done.done, true);
    assert.equal(done.response?.["@type"], "type.googleapis.com/google.protobuf.Struct");
    assert.equal(done.response.value["path"], service.path("one.tar.gz"));
    assert.equal(done.metadata.value["verb"], "createArchive");
    for (const format of [{}, { "$.xgafv": "1" }, { "$.xgafv": "2" }, { fields: "name,done" }]) {
      const { status, data } = await api.operations.get({ name: started.name, ...format });
      assert.equal(status, 200);
      assert.deepEqual(data, "fields" in format ? { name: started.name, done: true } : done);
    }
    tell({ ...CLIENT, calls: ["start", "get", "wait"], progress: "`metadata.value`" });
  });

  test("requests some fields, compact text, and errors in each format", async () => {
    const { service, api } = await open();
    await using _ = service;
    const { data: started } = await startSmall(service, api, "one");
    await api.operations.wait({ name: started.name, timeout: "30s" });
    const get = { name: started.name };
    const { data: masked } = await api.operations.get({ ...get, fields: "name,metadata(value(state))" });
    assert.deepEqual(Object.keys(masked), ["name", "metadata"]);
    assert.deepEqual(masked.metadata, { value: { state: "SUCCEEDED" } });
    const { data: whole } = await api.operations.get(get);
    for (const prettyPrint of [true, false, "0"]) {
      assert.deepEqual((await api.operations.get({ ...get, prettyPrint })).data, whole);
    }
    const wrong = { ...get, fields: "nonsense" };
    for (const [format, errors] of [
      ["1", true],
      ["2", false],
    ] as const) {
      await assert.rejects(api.operations.get({ ...wrong, "$.xgafv": format }), (error) => {
        const { response } = error as { response: { status: number; data: { error: object } } };
        assert.equal(response.status, 400);
        assert.equal("errors" in response.data.error, errors);
        return true;
      });
    }
    await assert.rejects(api.operations.get({ ...get, "$.xgafv": "3" }), { status: 400 });
  });

  test("pages through the collection and through a parent", async () => {
    const { service, api } = await open();
    await using _ = service;
    const names = ["a", "b", "c", "d", "e"];
    const started = await Promise.all(names.map(async (name) => (await startSmall(service, api, name)).data));
    const listed: string[] = [];
    for (let pageToken: string | undefined = ""; pageToken !== undefined; ) {
      const { data }: Answer = await api.operations.list({ name: "operations", pageSize: 2, pageToken });
      assert.ok((data.operations ?? []).length <= 2);
      listed.push(...(data.operations ?? []).map(({ name }) => name));
      pageToken = data.nextPageToken;
    }
    assert.deepEqual(listed.toSorted(), started.map(({ name }) => name).toSorted());
    const parent = "projects/p/locations/l";
    const requestBody = { directory: service.path("small"), output: service.path("parent.tar.gz") };
    const { data } = await api.parents.createArchive({ parent, requestBody });
    const { data: page } = await api.operations.list({ name: parent });
    assert.deepEqual(
      page.operations?.map(({ name }) => name),
      [data.name],
    );
    tell({ ...CLIENT, calls: ["list"] });
  });

  test("cancels a running operation, which ends with code 1 and leaves no file", async () => {
    const { service, api } = await open();
    await using _ = service;
    const directory = await makeSlowTree(service.path("large"), 512);
    const output = service.path("large.tar.gz");
    const { data: started } = await api.createArchive({ requestBody: { directory, output } });
    const { data: running } = await api.operations.wait({ name: started.name, timeout: "0.2s" });
    assert.equal(running.done, undefined);
    assert.deepEqual((await api.operations.cancel({ name: started.name })).data, {});
    const { data: cancelled } = await api.operations.wait({ name: started.name });
    assert.deepEqual([cancelled.done, cancelled.error?.code, cancelled.response], [true, 1, undefined]);
    assert.deepEqual((await api.operations.cancel({ name: started.name, requestBody: {} })).data, {});
    assert.deepEqual(leftovers(output), []);
    tell({ ...CLIENT, calls: ["cancel"], cancellation: "`error.code` 1" });
  });

  test("deletes, and reads the errors for deleted operations and bad requests", async () => {
    const { service, api } = await open();
    await using _ = service;
    const { data } = await startSmall(service, api, "gone");
    await api.operations.wait({ name: data.name });
    assert.deepEqual((await api.operations.delete({ name: data.name })).data, {});
    const message = `Operation "${data.name}" was not found.`;
    for (const format of ["1", "2"]) {
      const get = api.operations.get({ name: data.name, "$.xgafv": format });
      await assert.rejects(get, { code: 404, status: 404, message });
    }
    const bad = api.createArchive({ requestBody: { directory: 7 } });
    await assert.rejects(bad, { code: 400, message: /^Invalid request for createArchive: directory: / });
    tell({ ...CLIENT, calls: ["delete"], errors: "call: `code` 404" });
  });
});
