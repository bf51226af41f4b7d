import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { AlloyDBAdminClient } from "@google-cloud/alloydb";
import { ClusterControllerClient } from "@google-cloud/dataproc";
import { CloudMemcacheClient } from "@google-cloud/memcache";
import { WorkflowsClient } from "@google-cloud/workflows";
import { CLOUD_PROTOS, cloudOptions, type CloudTransport } from "./cloud-client.ts";
import { ProtoService } from "./proto-service.ts";
import { tell } from "./report/facts.ts";
import { npmVersion } from "./program.ts";

/**
 * Google's own clients of four APIs, unmodified, with google-gax 3, 5 and 6: updates with masks,
 * requests that name their resource in other fields than `name`, and collections below regions.
 * Each client polls where its API keeps operations.
 */
const PARENT = "projects/p/locations/l";

/** The parts of these clients' long-running results that are checked here. */
type Started = readonly [
  { readonly name?: string; promise(): Promise<readonly [unknown, unknown, ...unknown[]]> },
  ...unknown[],
];

/** The outcome of an operation, with its name and metadata. */
async function outcome(started: Promise<unknown>): Promise<{
  readonly name: string;
  readonly resource: Record<string, unknown>;
  readonly metadata: Record<string, unknown>;
}> {
  const [operation] = (await started) as Started;
  const [resource, metadata] = await operation.promise();
  return {
    name: operation.name ?? "",
    resource: resource as Record<string, unknown>,
    metadata: metadata as Record<string, unknown>,
  };
}

describe("Google's clients of Memcached, AlloyDB, Workflows and Dataproc", () => {
  let server: ProtoService;
  before(async () => {
    server = await ProtoService.start("cloud-handlers.ts", CLOUD_PROTOS);
  });
  after(() => server[Symbol.asyncDispose]());

  for (const transport of ["gRPC", "REST"] as const) {
    describe(`over ${transport}`, () => stories(() => server.url, transport));
  }
});

function stories(url: () => string, transport: CloudTransport): void {
  const id = transport.toLowerCase();
  const of = (api: string) => {
    const client = `@google-cloud/${api}`;
    return { client, version: npmVersion(client), transport };
  };

  it("memcache: creates, updates the fields in the mask, and reschedules by { instance }", async () => {
    const client = new CloudMemcacheClient(cloudOptions("memcache", url(), transport));
    const nodeConfig = { cpuCount: 1, memorySizeMb: 1024 };
    const name = `${PARENT}/instances/m-${id}`;
    const instance = { name, nodeCount: 1, nodeConfig, labels: { Env: "test" } };
    const created = await outcome(client.createInstance({ parent: PARENT, instanceId: `m-${id}`, instance }));
    assert.match(created.name, /^projects\/p\/locations\/l\/operations\//);
    assert.deepEqual([created.metadata["verb"], created.metadata["target"]], ["create", name]);
    const { resource } = await outcome(
      client.updateInstance({
        updateMask: { paths: ["node_count", "labels.Env"] },
        instance: { name, nodeCount: 3, labels: { Env: "prod" }, displayName: "not named" },
      }),
    );
    assert.deepEqual(
      [resource["nodeCount"], resource["displayName"], resource["labels"]],
      [3, "", { Env: "prod" }],
    );
    const rescheduled = await outcome(
      client.rescheduleMaintenance({ instance: name, rescheduleType: "IMMEDIATE" }),
    );
    assert.equal(rescheduled.resource["name"], name);
    assert.deepEqual(
      [rescheduled.metadata["verb"], rescheduled.metadata["target"]],
      ["rescheduleMaintenance", name],
    );
    await client.close();
    tell({ ...of("memcache"), calls: ["start", "result", "update"] });
  });

  it("alloydb: updates a field of a cluster whose other fields are REQUIRED", async () => {
    const client = new AlloyDBAdminClient(cloudOptions("alloydb", url(), transport));
    const name = `${PARENT}/clusters/a-${id}`;
    const network = "projects/p/global/networks/n";
    const cluster = { network, displayName: "A" };
    await outcome(client.createCluster({ parent: PARENT, clusterId: `a-${id}`, cluster }));
    const { resource } = await outcome(
      client.updateCluster({
        updateMask: { paths: ["display_name", "automated_backup_policy.enabled"] },
        cluster: { name, displayName: "B", automatedBackupPolicy: { enabled: true } },
      }),
    );
    assert.equal(resource["displayName"], "B");
    assert.equal(resource["network"], network);
    await client.close();
    tell({ ...of("alloydb"), calls: ["start", "result", "update"] });
  });

  it("workflows: updates with a mask, and without one the fields that are set", async () => {
    const client = new WorkflowsClient(cloudOptions("workflows", url(), transport));
    const name = `${PARENT}/workflows/w-${id}`;
    const workflow = { description: "A", sourceContents: "main" };
    await outcome(client.createWorkflow({ parent: PARENT, workflowId: `w-${id}`, workflow }));
    const masked = await outcome(
      client.updateWorkflow({
        workflow: { name, description: "B" },
        updateMask: { paths: ["description", "source_contents"] },
      }),
    );
    assert.deepEqual([masked.resource["description"], masked.resource["sourceContents"] ?? ""], ["B", ""]);
    const unknown = outcome(client.updateWorkflow({ workflow: { name }, updateMask: { paths: ["colour"] } }));
    // Over REST, google-gax uses the HTTP status as the code of a refused call, and the body as its
    // text.
    const code = transport === "REST" ? 400 : 3;
    await assert.rejects(unknown, { code, message: /Workflow has no field \\?"colour/ });
    const populated = await outcome(client.updateWorkflow({ workflow: { name, serviceAccount: "s" } }));
    assert.deepEqual([populated.resource["description"], populated.resource["serviceAccount"]], ["B", "s"]);
    await client.close();
    tell({
      ...of("workflows"),
      calls: ["start", "result", "update"],
      errors: "call: `GoogleError` with `code`",
    });
  });

  it("dataproc: creates and updates in a region, where it polls", async () => {
    const client = new ClusterControllerClient(cloudOptions("dataproc", url(), transport));
    const region = { projectId: "p", region: "r" };
    const clusterName = `d-${id}`;
    const cluster = { projectId: "p", clusterName, config: { configBucket: "b" } };
    const created = await outcome(client.createCluster({ ...region, cluster }));
    assert.match(created.name, /^projects\/p\/regions\/r\/operations\//);
    const { resource } = await outcome(
      client.updateCluster({
        ...region,
        clusterName,
        cluster: { config: { workerConfig: { numInstances: 5 } } },
        updateMask: { paths: ["config.worker_config.num_instances"] },
      }),
    );
    const { config } = resource as {
      config: { configBucket: string; workerConfig: { numInstances: number } };
    };
    assert.deepEqual([config.configBucket, config.workerConfig.numInstances], ["b", 5]);
    await client.close();
    tell({ ...of("dataproc"), calls: ["start", "result", "update"] });
  });
}
