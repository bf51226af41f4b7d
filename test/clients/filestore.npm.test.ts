import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { CloudFilestoreManagerClient, type protos } from "@google-cloud/filestore";
import { cloudOptions, FILESTORE_PROTOS } from "./cloud-client.ts";
import { npmVersion } from "./program.ts";
import { ProtoService } from "./proto-service.ts";
import { tell } from "./report/facts.ts";

const PARENT = "projects/p/locations/z";

type Instance = protos.google.cloud.filestore.v1.IInstance;
type Metadata = protos.google.cloud.common.IOperationMetadata;

/**
 * Google's own client of Filestore, unmodified: the metadata of its operations is in a package that
 * many products share.
 */
suite("npm @google-cloud/filestore", { concurrency: true }, () => {
  for (const transport of ["gRPC", "REST"] as const)
    test(`over ${transport} creates, updates the fields in the mask, lists and deletes`, async () => {
      await using server = await ProtoService.start("filestore-handlers.ts", FILESTORE_PROTOS);
      const client = new CloudFilestoreManagerClient(cloudOptions("filestore", server.url, transport));
      const fileShares = [{ name: "vol1", capacityGb: 1024 }];
      const [creation] = await client.createInstance({
        parent: PARENT,
        instanceId: "f",
        instance: { tier: "BASIC_HDD", fileShares },
      });
      assert.match(creation.name ?? "", /^projects\/p\/locations\/z\/operations\//);
      const [made, metadata] = (await creation.promise()) as unknown as [Instance, Metadata];
      const name = `${PARENT}/instances/f`;
      assert.deepEqual([made.name, String(made.fileShares?.[0]?.capacityGb)], [name, "1024"]);
      assert.deepEqual([metadata.verb, metadata.target], ["create", name]);
      const [update] = await client.updateInstance({
        updateMask: { paths: ["description"] },
        instance: { name, description: "B", tier: "PREMIUM" },
      });
      const [updated] = (await update.promise()) as unknown as [Instance];
      assert.deepEqual([updated.description, updated.tier], ["B", made.tier]);
      const [listed] = await client.listInstances({ parent: PARENT });
      assert.deepEqual(
        listed.map((instance) => instance.name),
        [name],
      );
      const [deletion] = await client.deleteInstance({ name });
      await deletion.promise();
      const told = { client: "@google-cloud/filestore", version: npmVersion("@google-cloud/filestore") };
      tell({ ...told, transport, calls: ["start", "result", "update"] });
      await client.close();
    });
});
