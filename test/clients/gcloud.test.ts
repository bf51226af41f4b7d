import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "node:test";
import { REDIS_PROTOS } from "../support/descriptors.ts";
import { CLOUD_PROTOS, FILESTORE_PROTOS } from "./cloud-client.ts";
import { Gcloud, type Printed } from "./gcloud.ts";
import { clientTest, GCLOUD } from "./installed-client.ts";
import { ProtoService } from "./proto-service.ts";

/**
 * Google's command line, unmodified. It starts operations of four products, waits for them at the
 * address where these APIs keep them, or does not wait, and describes, lists, cancels and deletes
 * them.
 *
 * @see contract section 6.10
 */
const LOCATION = "projects/p/locations/l";
/** Its output while it polls, and when the operation is done. */
const WAITED = /Waiting for (operation )?\[.*\] to (complete|finish)\.\.\.\s*\.*done\./;

interface Resource {
  readonly name: string;
  readonly [field: string]: unknown;
}

function shown(operations: readonly Printed[]): readonly string[] {
  return operations
    .map(({ done, metadata: { verb, target } }) => `${verb} ${target.split("/").at(-1)} ${done}`)
    .toSorted();
}

/** The correct output of `operations describe`; the test itself checks the end. */
async function described(
  product: Gcloud,
  { name }: Printed,
  isSo: (operation: Printed) => boolean = ({ done }) => done === true,
): Promise<Printed> {
  for (;;) {
    const { answer } = await product.run<Printed>("operations", "describe", name);
    if (isSo(answer)) return answer;
  }
}

// Two at a time, because each waits between polls.
suite("gcloud", { concurrency: 2 }, () => {
  clientTest(GCLOUD, "gcloud redis creates, updates, cancels and deletes", async ({ signal }, command) => {
    await using service = await ProtoService.start("redis-handlers.ts", REDIS_PROTOS);
    const redis = new Gcloud(command, service, signal, ["redis", "--region=l"]);
    const create = (id: string, size: number, ...more: readonly string[]) =>
      redis.run<Printed>("instances", "create", id, `--size=${size}`, "--tier=basic", ...more);
    assert.match((await create("a", 1)).said, WAITED);
    await redis.run("instances", "update", "a", "--size=3", "--update-labels=env=prod");
    const { answer: a } = await redis.run<Resource>("instances", "describe", "a");
    assert.deepEqual(
      [a.name, a["memorySizeGb"], a["tier"], a["labels"]],
      [`${LOCATION}/instances/a`, 3, "BASIC", { env: "prod" }],
    );
    await assert.rejects(create("large", 301), /No machine has that much memory/);
    const { answer: started, said } = await create("endless", 200, "--async");
    assert.match(said, /Check operation \[.*\] for status/);
    await described(redis, started, ({ metadata }) => metadata.statusDetail === "allocating memory");
    await redis.run("operations", "cancel", started.name);
    assert.equal((await described(redis, started)).error?.code, 1);
    await redis.run("instances", "delete", "a");
    assert.deepEqual(shown((await redis.run<readonly Printed[]>("operations", "list")).answer), [
      "create a true",
      "create endless true",
      "create large true",
      "delete a true",
      "update a true",
    ]);
    redis.tell(["start", "result", "update", "get", "list", "cancel"], {
      progress: "`operations describe`; while it waits, dots",
      errors: "operation: `ERROR:` with the message",
      cancellation: "`operations describe`: `error.code` 1",
    });
  });

  clientTest(GCLOUD, "gcloud memcache creates, updates and deletes", async ({ signal }, command) => {
    await using service = await ProtoService.start("cloud-handlers.ts", CLOUD_PROTOS);
    const memcache = new Gcloud(command, service, signal, ["memcache", "--region=l"]);
    const size = ["--node-count=1", "--node-cpu=1", "--node-memory=1024MB"];
    assert.match((await memcache.run("instances", "create", "m", ...size)).said, WAITED);
    await memcache.run("instances", "update", "m", "--node-count=3");
    const { answer: instances } = await memcache.run<readonly Resource[]>("instances", "list");
    assert.deepEqual(
      instances.map(({ name, nodeCount }) => [name, nodeCount]),
      [[`${LOCATION}/instances/m`, 3]],
    );
    const { answer: deletion } = await memcache.run<Printed>("instances", "delete", "m", "--async");
    await described(memcache, deletion);
    const { answer: operations } = await memcache.run<readonly Printed[]>("operations", "list");
    assert.deepEqual(shown(operations), ["create m true", "delete m true", "update m true"]);
    await memcache.run("operations", "delete", deletion.name);
    const gone = memcache.run("operations", "describe", deletion.name);
    await assert.rejects(gone, /NOT_FOUND: .*reason: OPERATION_NOT_FOUND/s);
    memcache.tell(["start", "result", "update", "get", "list", "delete"], {
      errors: "call: `ERROR:` with the message and the details",
    });
  });

  clientTest(
    GCLOUD,
    "gcloud workflows deploys and deletes; gcloud dataproc lists",
    async ({ signal }, command) => {
      await using service = await ProtoService.start("cloud-handlers.ts", CLOUD_PROTOS);
      const workflows = new Gcloud(command, service, signal, ["workflows", "--location=l"]);
      const source = join(service.folder, "main.yaml");
      writeFileSync(source, "main: {steps: [{end: {return: 1}}]}\n");
      const deploy = (...more: readonly string[]) =>
        workflows.run<Resource>("deploy", "w", `--source=${source}`, ...more);
      assert.match((await deploy()).said, WAITED);
      assert.equal((await deploy("--description=B")).answer["description"], "B");
      const { answer: workflow } = await workflows.run<Resource>("describe", "w");
      assert.deepEqual((await workflows.run("list")).answer, [workflow]);
      assert.equal(workflow.name, `${LOCATION}/workflows/w`);
      assert.match((await workflows.run("delete", "w")).said, WAITED);
      workflows.tell(["start", "result", "update"]);

      const body = JSON.stringify({ projectId: "p", clusterName: "c", config: {} });
      const headers = { "content-type": "application/json" };
      await fetch(`${service.url}/v1/projects/p/regions/r/clusters`, { method: "POST", headers, body });
      const dataproc = new Gcloud(command, service, signal, ["dataproc", "--region=r"]);
      const { answer: operations } = await dataproc.run<readonly Printed[]>("operations", "list");
      assert.deepEqual(
        operations.map(({ name }) => name.startsWith("projects/p/regions/r/operations/")),
        [true],
      );
      dataproc.tell(["list"]);
    },
  );

  clientTest(GCLOUD, "gcloud filestore creates, updates and deletes", async ({ signal }, command) => {
    await using service = await ProtoService.start("filestore-handlers.ts", FILESTORE_PROTOS);
    const filestore = new Gcloud(command, service, signal, ["filestore", "--zone=z"]);
    const share = ["--tier=BASIC_HDD", "--file-share=name=vol1,capacity=1TB", "--network=name=default"];
    assert.match((await filestore.run("instances", "create", "f", ...share)).said, WAITED);
    const update = ["instances", "update", "f", "--description=B"];
    const { answer: started, said } = await filestore.run<Printed>(...update, "--async");
    assert.match(said, /check the status of the operation/);
    assert.equal((await described(filestore, started)).metadata.verb, "update");
    const { answer: instance } = await filestore.run<Resource>("instances", "describe", "f");
    assert.deepEqual([instance["description"], instance["tier"]], ["B", "BASIC_HDD"]);
    await filestore.run("instances", "delete", "f");
    const { answer: operations } = await filestore.run<readonly Printed[]>("operations", "list");
    assert.deepEqual(shown(operations), ["create f true", "delete f true", "update f true"]);
    filestore.tell(["start", "result", "update", "get", "list"]);
  });
});
