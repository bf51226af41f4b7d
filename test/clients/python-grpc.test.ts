import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { descriptorSetOf } from "../support/descriptors.ts";
import { ArchiveService, leftovers, makeSlowTree } from "./archive-service.ts";
import { clientTest, PYTHON_GRPC } from "./installed-client.ts";
import { PythonScript } from "./python.ts";
import { startRedis } from "./proto-service.ts";
import { pythonVersion } from "./program.ts";
import { type Facts, tell } from "./report/facts.ts";

async function stubs(python: string): Promise<Pick<Facts, "client" | "version" | "transport">> {
  return { client: "grpcio (Python)", version: await pythonVersion(python, "grpcio"), transport: "gRPC" };
}

/**
 * Debian's python3-grpcio, with stubs made from descriptors: gRPC's own C core, which Ruby, PHP and
 * C++ share. The scripts check; see `python/`.
 *
 * @see contract section 7
 */
/** Our own protos, including google.longrunning.Operations and the details of errors. */
const OWN_PROTOS = {
  directories: [fileURLToPath(new URL("../../proto", import.meta.url))],
  paths: ["longrunning/v1/methods.proto", "google/rpc/error_details.proto"],
};

clientTest(
  PYTHON_GRPC,
  "Python over gRPC starts, waits, gets, pages, cancels, deletes, and reads errors",
  async (_, python) => {
    await using service = await ArchiveService.start();
    const descriptors = service.path("own.binpb");
    writeFileSync(descriptors, descriptorSetOf(OWN_PROTOS));
    const tree = await makeSlowTree(service.path("tree"), 1);
    const large = await makeSlowTree(service.path("large"), 2048);
    const words = [service.url, descriptors, tree, large, service.folder];
    await using script = new PythonScript(python, "grpc_operations.py", words);
    await script.succeed();
    assert.deepEqual(leftovers(service.path("large.tar.gz")), []);
    tell({ ...(await stubs(python)), calls: ["start", "get", "list", "wait", "cancel", "delete"] });
  },
);

clientTest(
  PYTHON_GRPC,
  "Python over gRPC creates a resource of Google's protos and unpacks it as its own type",
  async (_, python) => {
    await using service = await startRedis();
    const own = join(service.folder, "own.binpb");
    writeFileSync(own, descriptorSetOf(OWN_PROTOS));
    const words = [service.url, service.descriptors, own];
    await using script = new PythonScript(python, "grpc_redis.py", words);
    await script.succeed();
    tell({
      ...(await stubs(python)),
      calls: ["start", "wait"],
      errors: "call: `RpcError` with `google.rpc.Status`; operation: with all details",
    });
  },
);
