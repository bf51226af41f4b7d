import { StatusError } from "../../src/index.ts";
import { applyUpdate, defineHandler } from "../../src/proto.ts";

/** The part of Filestore that `gcloud filestore` needs. Instances exist only in memory. */
const FILESTORE = "google.cloud.filestore.v1.CloudFilestoreManager";

interface Instance {
  readonly name: string;
}

const READY = 2;
const instances = new Map<string, Instance>();

function instanceOf(name: string): Instance {
  const found = instances.get(name);
  if (found !== undefined) return found;
  throw new StatusError("NOT_FOUND", `There is no instance "${name}".`, { reason: "INSTANCE_NOT_FOUND" });
}

function kept<Kept extends Instance>(instance: Kept): Kept {
  instances.set(instance.name, instance);
  return instance;
}

export const createInstance = defineHandler<{ parent: string; instanceId: string; instance: Instance }>(
  `${FILESTORE}.CreateInstance`,
  {
    run: ({ parent, instanceId, instance }) =>
      kept({ ...instance, name: `${parent}/instances/${instanceId}`, state: READY }),
  },
);

export const updateInstance = defineHandler<{ instance: Instance }>(`${FILESTORE}.UpdateInstance`, {
  run: (request) => kept(applyUpdate(request, instanceOf(request.instance.name))),
});

export const deleteInstance = defineHandler<Instance>(`${FILESTORE}.DeleteInstance`, {
  run: ({ name }) => void instances.delete(instanceOf(name).name),
});

export const getInstance = defineHandler<Instance>(`${FILESTORE}.GetInstance`, {
  answer: ({ name }) => instanceOf(name),
});

export const listInstances = defineHandler<{ parent: string }>(`${FILESTORE}.ListInstances`, {
  answer: ({ parent }) => ({
    instances: [...instances.values()].filter(({ name }) => name.startsWith(`${parent}/instances/`)),
  }),
});
