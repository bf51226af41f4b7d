import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { REDIS_PROTOS } from "../support/descriptors.ts";
import { CLOUD_PROTOS } from "./cloud-client.ts";
import { clientTest, GCLOUD } from "./installed-client.ts";
import { ProtoService } from "./proto-service.ts";

/**
 * Google's command line, unmodified: it creates and updates instances of Cloud Redis and of Memcached, waits for the operations where
 * these APIs keep them, and lists both.
 *
 * @see contract section 6.10
 */
const run = promisify(execFile);

/** What a command answers with `--format=json`. It talks to the server alone: no credentials, no telemetry, no updates. */
async function gcloud(command: string, service: ProtoService, words: readonly string[]): Promise<unknown> {
  const endpoint = `${service.url}/`;
  const env = {
    PATH: process.env["PATH"],
    CLOUDSDK_CONFIG: join(service.folder, "gcloud"),
    CLOUDSDK_AUTH_DISABLE_CREDENTIALS: "true",
    CLOUDSDK_CORE_CHECK_GCE_METADATA: "false",
    CLOUDSDK_CORE_DISABLE_PROMPTS: "true",
    CLOUDSDK_CORE_DISABLE_USAGE_REPORTING: "true",
    CLOUDSDK_CORE_PROJECT: "p",
    CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK: "true",
    CLOUDSDK_API_ENDPOINT_OVERRIDES_DATAPROC: endpoint,
    CLOUDSDK_API_ENDPOINT_OVERRIDES_MEMCACHE: endpoint,
    CLOUDSDK_API_ENDPOINT_OVERRIDES_REDIS: endpoint,
  };
  const { stdout } = await run(command, [...words, "--format=json"], { env, timeout: 60_000 });
  return stdout === "" ? undefined : (JSON.parse(stdout) as unknown);
}

interface Listed {
  readonly name: string;
  readonly done: boolean;
  readonly metadata: { readonly verb: string; readonly target: string };
}

function shown(operations: unknown): readonly string[] {
  return (operations as readonly Listed[])
    .map(({ done, metadata: { verb, target } }) => `${verb} ${target} ${done}`)
    .toSorted();
}

const LOCATION = "projects/p/locations/l";

clientTest(GCLOUD, "gcloud creates, updates and lists instances of Cloud Redis", async (_, command) => {
  await using service = await ProtoService.start("redis-handlers.ts", REDIS_PROTOS);
  const redis = (...words: string[]): Promise<unknown> =>
    gcloud(command, service, ["redis", ...words, "--region=l"]);
  await redis("instances", "create", "a", "--size=1", "--tier=basic");
  await redis("instances", "update", "a", "--size=3", "--update-labels=env=prod");
  const name = `${LOCATION}/instances/a`;
  const [instance] = (await redis("instances", "list")) as readonly Record<string, unknown>[];
  assert.deepEqual(
    [instance?.["name"], instance?.["memorySizeGb"], instance?.["tier"], instance?.["labels"]],
    [name, 3, "BASIC", { env: "prod" }],
  );
  assert.deepEqual(shown(await redis("operations", "list")), [`create ${name} true`, `update ${name} true`]);
});

clientTest(
  GCLOUD,
  "gcloud updates instances of Memcached, and lists operations of Dataproc",
  async (_, command) => {
    await using service = await ProtoService.start("cloud-handlers.ts", CLOUD_PROTOS);
    const memcache = (...words: string[]): Promise<unknown> =>
      gcloud(command, service, ["memcache", ...words, "--region=l"]);
    await memcache("instances", "create", "m", "--node-count=1", "--node-cpu=1", "--node-memory=1024MB");
    await memcache("instances", "update", "m", "--node-count=3");
    const name = `${LOCATION}/instances/m`;
    const [instance] = (await memcache("instances", "list")) as readonly Record<string, unknown>[];
    assert.deepEqual([instance?.["name"], instance?.["nodeCount"]], [name, 3]);
    assert.deepEqual(shown(await memcache("operations", "list")), [
      `create ${name} true`,
      `update ${name} true`,
    ]);
    const cluster = { projectId: "p", clusterName: "c", config: {} };
    const body = JSON.stringify(cluster);
    const headers = { "content-type": "application/json" };
    await fetch(`${service.url}/v1/projects/p/regions/r/clusters`, { method: "POST", headers, body });
    const all = (await gcloud(command, service, [
      "dataproc",
      "operations",
      "list",
      "--region=r",
    ])) as readonly Listed[];
    assert.deepEqual(
      all.map((operation) => operation.name.startsWith("projects/p/regions/r/operations/")),
      [true],
    );
  },
);
