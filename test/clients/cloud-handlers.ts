import { StatusError } from "../../src/index.ts";
import { applyUpdate, defineHandler } from "../../src/proto.ts";

/**
 * Parts of Memorystore for Memcached, AlloyDB, Workflows and Dataproc. Resources exist only in
 * memory.
 */
interface Resource {
  readonly name: string;
}

const resources = new Map<string, Resource>();

function resourceOf(name: string): Resource {
  const found = resources.get(name);
  if (found !== undefined) return found;
  throw new StatusError("NOT_FOUND", `There is no "${name}".`, { reason: "RESOURCE_NOT_FOUND" });
}

function kept<Kept extends Resource>(resource: Kept): Kept {
  resources.set(resource.name, resource);
  return resource;
}

const MEMCACHE = "google.cloud.memcache.v1.CloudMemcache";

export const createMemcache = defineHandler<{ parent: string; instanceId: string; instance: Resource }>(
  `${MEMCACHE}.CreateInstance`,
  {
    name: "createMemcache",
    run: ({ parent, instanceId, instance }) =>
      kept({ ...instance, name: `${parent}/instances/${instanceId}`, state: 2 }),
  },
);

export const updateMemcache = defineHandler<{ instance: Resource }>(`${MEMCACHE}.UpdateInstance`, {
  name: "updateMemcache",
  run: (request) => kept(applyUpdate(request, resourceOf(request.instance.name))),
});

export const rescheduleMaintenance = defineHandler<{ instance: string }>(
  `${MEMCACHE}.RescheduleMaintenance`,
  { run: ({ instance }) => resourceOf(instance) },
);

export const deleteMemcache = defineHandler<Resource>(`${MEMCACHE}.DeleteInstance`, {
  name: "deleteMemcache",
  run: ({ name }) => void resources.delete(resourceOf(name).name),
});

export const getMemcache = defineHandler<Resource>(`${MEMCACHE}.GetInstance`, {
  answer: ({ name }) => resourceOf(name),
});

export const listMemcaches = defineHandler<{ parent: string }>(`${MEMCACHE}.ListInstances`, {
  answer: ({ parent }) => ({
    instances: [...resources.values()].filter(({ name }) => name.startsWith(`${parent}/instances/`)),
  }),
});

const ALLOYDB = "google.cloud.alloydb.v1.AlloyDBAdmin";

export const createAlloyCluster = defineHandler<{ parent: string; clusterId: string; cluster: Resource }>(
  `${ALLOYDB}.CreateCluster`,
  {
    name: "createAlloyCluster",
    run: ({ parent, clusterId, cluster }) => kept({ ...cluster, name: `${parent}/clusters/${clusterId}` }),
  },
);

export const updateAlloyCluster = defineHandler<{ cluster: Resource }>(`${ALLOYDB}.UpdateCluster`, {
  name: "updateAlloyCluster",
  run: (request) => kept(applyUpdate(request, resourceOf(request.cluster.name))),
});

const WORKFLOWS = "google.cloud.workflows.v1.Workflows";

export const createWorkflow = defineHandler<{ parent: string; workflowId: string; workflow: Resource }>(
  `${WORKFLOWS}.CreateWorkflow`,
  {
    run: ({ parent, workflowId, workflow }) =>
      kept({ ...workflow, name: `${parent}/workflows/${workflowId}` }),
  },
);

export const updateWorkflow = defineHandler<{ workflow: Resource }>(`${WORKFLOWS}.UpdateWorkflow`, {
  run: (request) => kept(applyUpdate(request, resourceOf(request.workflow.name))),
});

export const getWorkflow = defineHandler<Resource>(`${WORKFLOWS}.GetWorkflow`, {
  answer: ({ name }) => resourceOf(name),
});

export const listWorkflows = defineHandler<{ parent: string }>(`${WORKFLOWS}.ListWorkflows`, {
  answer: ({ parent }) => ({
    workflows: [...resources.values()].filter(({ name }) => name.startsWith(`${parent}/workflows/`)),
  }),
});

export const deleteWorkflow = defineHandler<Resource>(`${WORKFLOWS}.DeleteWorkflow`, {
  run: ({ name }) => void resources.delete(resourceOf(name).name),
});

const DATAPROC = "google.cloud.dataproc.v1.ClusterController";

/** Clusters of Dataproc have no name field, but the parts of a name. */
interface Cluster extends Partial<Resource> {
  readonly projectId: string;
  readonly region: string;
  readonly clusterName: string;
  readonly cluster?: object;
}

const nameOf = ({ projectId, region, clusterName }: Cluster): string =>
  `projects/${projectId}/regions/${region}/clusters/${clusterName}`;

const clusters = new Map<string, object>();

export const createDataprocCluster = defineHandler<{ region: string; cluster: Cluster }>(
  `${DATAPROC}.CreateCluster`,
  {
    name: "createDataprocCluster",
    run({ region, cluster }) {
      clusters.set(nameOf({ ...cluster, region }), cluster);
      return cluster;
    },
  },
);

export const updateDataprocCluster = defineHandler<Cluster>(`${DATAPROC}.UpdateCluster`, {
  name: "updateDataprocCluster",
  run: (request) => applyUpdate(request, clusters.get(nameOf(request)) ?? {}),
});
