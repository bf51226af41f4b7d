import { setTimeout as delay } from "node:timers/promises";
// In a project of yours these are: from "longrunning", from "longrunning/proto".
import { StatusError } from "../../src/index.ts";
import { defineHandler } from "../../src/proto.ts";

/**
 * `google.cloud.redis.v1.CloudRedis` with instances in memory only, for Google's own client
 * libraries.
 */
const CLOUD_REDIS = "google.cloud.redis.v1.CloudRedis";

interface Instance {
  readonly name: string;
  readonly memorySizeGb: number;
}

const READY = 2;
const instances = new Map<string, Instance>();

function instanceOf(name: string): Instance {
  const instance = instances.get(name);
  if (instance !== undefined) return instance;
  throw new StatusError("NOT_FOUND", `There is no instance "${name}".`, { reason: "INSTANCE_NOT_FOUND" });
}

export const createInstance = defineHandler<{ parent: string; instanceId: string; instance: Instance }>(
  `${CLOUD_REDIS}.CreateInstance`,
  {
    async run({ parent, instanceId, instance }, { signal }) {
      if (instance.memorySizeGb > 300) {
        const metadata = { memorySizeGb: String(instance.memorySizeGb) };
        const options = { reason: "MEMORY_EXHAUSTED", metadata };
        throw new StatusError("RESOURCE_EXHAUSTED", "No machine has that much memory.", options);
      }
      // The larger the instance, the longer it takes.
      await delay(instance.memorySizeGb * 100, undefined, { signal });
      const created = { ...instance, name: `${parent}/instances/${instanceId}`, port: 6379, state: READY };
      instances.set(created.name, created);
      return created;
    },
  },
);

export const deleteInstance = defineHandler<Instance>(`${CLOUD_REDIS}.DeleteInstance`, {
  run: ({ name }) => void instances.delete(instanceOf(name).name),
});

export const getInstance = defineHandler<Instance>(`${CLOUD_REDIS}.GetInstance`, {
  answer: ({ name }) => instanceOf(name),
});

export const listInstances = defineHandler<{ parent: string }>(`${CLOUD_REDIS}.ListInstances`, {
  answer: ({ parent }) => ({
    instances: [...instances.values()].filter(({ name }) => name.startsWith(`${parent}/`)),
  }),
});
