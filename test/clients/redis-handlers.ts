import { once } from "node:events";
import { StatusError } from "../../src/index.ts";
import { applyUpdate, defineHandler } from "../../src/proto.ts";

/**
 * The part of Cloud Redis that clients need. Instances exist only in memory. Their size decides how
 * their creation ends: at once, with an error above the maximum, or for one size never, so that
 * there is something to watch and to cancel.
 */
const CLOUD_REDIS = "google.cloud.redis.v1.CloudRedis";

interface Instance {
  readonly name: string;
  readonly memorySizeGb: number;
}

const MOST_GB = 300;
const ENDLESS_GB = 200;

const instances = new Map<string, Instance>();

function instanceOf(name: string): Instance {
  const instance = instances.get(name);
  if (instance !== undefined) return instance;
  throw new StatusError("NOT_FOUND", `There is no instance "${name}".`, { reason: "INSTANCE_NOT_FOUND" });
}

function kept<Kept extends Instance>(instance: Kept): Kept {
  instances.set(instance.name, instance);
  return instance;
}

export const createInstance = defineHandler<{ parent: string; instanceId: string; instance: Instance }>(
  `${CLOUD_REDIS}.CreateInstance`,
  {
    async run({ parent, instanceId, instance }, { report, signal }) {
      const { memorySizeGb } = instance;
      if (memorySizeGb > MOST_GB) {
        const options = { reason: "MEMORY_EXHAUSTED", metadata: { memorySizeGb: String(memorySizeGb) } };
        throw new StatusError("RESOURCE_EXHAUSTED", "No machine has that much memory.", options);
      }
      report({ statusDetail: "allocating memory" });
      if (memorySizeGb === ENDLESS_GB && !signal.aborted) await once(signal, "abort");
      signal.throwIfAborted();
      return kept({ ...instance, name: `${parent}/instances/${instanceId}`, state: 2 });
    },
  },
);

export const updateInstance = defineHandler<{ instance: Instance }>(`${CLOUD_REDIS}.UpdateInstance`, {
  run: (request) => kept(applyUpdate(request, instanceOf(request.instance.name))),
});

export const deleteInstance = defineHandler<Instance>(`${CLOUD_REDIS}.DeleteInstance`, {
  run: ({ name }) => void instances.delete(instanceOf(name).name),
});

export const getInstance = defineHandler<Instance>(`${CLOUD_REDIS}.GetInstance`, {
  answer: ({ name }) => instanceOf(name),
});

export const listInstances = defineHandler<{ parent: string }>(`${CLOUD_REDIS}.ListInstances`, {
  answer: ({ parent }) => ({
    instances: [...instances.values()].filter(({ name }) => name.startsWith(`${parent}/instances/`)),
  }),
});
