import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { descriptorSetOf } from "../../test/support/descriptors.ts";
import type { Method } from "../core/method/method.ts";
import { MistakesError } from "../forms/mistakes.ts";
import { loadMethodsAt } from "./load.ts";

const folder = mkdtempSync(join(tmpdir(), "longrunning-methods-"));
after(() => rmSync(folder, { recursive: true }));

function read(source: string): Promise<readonly Method[]> {
  writeFileSync(join(folder, "m.yaml"), source);
  return loadMethodsAt(join(folder, "m.yaml"), { shown: "m.yaml", environment: {} });
}

/** The messages about a file, one per line. */
async function toldOf(source: string): Promise<string[]> {
  const refusal = await read(source).then(
    () => assert.fail("it was taken"),
    (error: unknown) => error,
  );
  assert.ok(refusal instanceof MistakesError);
  return refusal.message.split("\n");
}

const PROTO = `
syntax = "proto3";
package acme.v1;
import "google/longrunning/operations.proto";
service Disks {
  rpc Resize(ResizeRequest) returns (google.longrunning.Operation) {
    option (google.longrunning.operation_info) = { response_type: "Disk" metadata_type: "Disk" };
  }
  rpc Wait(ResizeRequest) returns (google.longrunning.Operation);
  rpc Get(ResizeRequest) returns (Disk);
}
message ResizeRequest { Disk disk = 1; int64 size_gb = 2; }
message Disk { string disk_name = 1; bytes content = 2; }
`;

/** A file with one method. */
const rpc = (rest: string): string => `descriptors: api.binpb\nmethods:\n  - { ${rest}, run: remote }\n`;

describe("methods of RPCs in a file", () => {
  writeFileSync(join(folder, "api.binpb"), descriptorSetOf(PROTO));

  it("follow their descriptors", async () => {
    const [method] = await read(
      rpc(
        "rpc: acme.v1.Disks.Resize, parallel: { key: disk.disk_name, when: queue }, target: 'disks/{disk.diskName}/{size_gb}'",
      ),
    );
    assert.ok(method);
    assert.deepEqual(
      [method.name, method.isRemote, method.metadataShape?.type],
      ["resize", true, "acme.v1.Disk"],
    );
    const result = method.request["~standard"].validate({ disk: { diskName: "d" }, sizeGb: "5" });
    assert.ok(!(result instanceof Promise) && result.issues === undefined);
    assert.deepEqual([method.target(result.value), method.parallel?.key(result.value)], ["disks/d/5", "d"]);
  });

  for (const [what, rest, told] of [
    [
      "no RPC",
      "rpc: acme.v1.Disks.Resise",
      /^m\.yaml:3:12: methods\[0\]\.rpc: The descriptors have no RPC "acme\.v1\.Disks\.Resise" \(did you mean "Resize"\?\); they have /,
    ],
    [
      "an RPC that is answered at once",
      "rpc: acme.v1.Disks.Get",
      /^m\.yaml:3:12: .*answers a acme\.v1\.Disk and not an operation, and needs a handler/,
    ],
    [
      "a name of the service's",
      "rpc: acme.v1.Disks.Wait",
      /^m\.yaml:3:12: .*the name "wait" belongs to the Operations service/,
    ],
    [
      "no file",
      "rpc: acme.v1.Disks.Resize, descriptors: none.binpb",
      /^m\.yaml:3:47: methods\[0\]\.descriptors: "none\.binpb" cannot be read: ENOENT/,
    ],
    [
      "no descriptors",
      "rpc: acme.v1.Disks.Resize, descriptors: m.yaml",
      /Not a descriptor set with all its imports/,
    ],
    [
      "a field that there is not",
      "rpc: acme.v1.Disks.Resize, target: 'a/{disk.disc_name}'",
      /^m\.yaml:3:42: methods\[0\]\.target: the request has no "disk\.disc_name" \(did you mean "disk_name"\?\)/,
    ],
    [
      "a schema beside it",
      "rpc: acme.v1.Disks.Resize, request: {}",
      /^m\.yaml:3:34: methods\[0\]\.request: the rpc says what its request is; leave it out$/,
    ],
    [
      "a field that is no text",
      "rpc: acme.v1.Disks.Resize, parallel: { key: disk.content, when: queue }",
      /^m\.yaml:3:51: methods\[0\]\.parallel\.key: "disk\.content" has to be a text/,
    ],
  ] as const)
    it(`report ${what}`, async () => {
      const lines = await toldOf(rpc(rest));
      assert.equal(lines.length, 1, lines.join("\n"));
      assert.match(lines[0] ?? "", told);
    });

  it("need descriptors", async () => {
    const lines = await toldOf("methods:\n  - { rpc: acme.v1.Disks.Resize, run: remote }\n");
    assert.deepEqual(lines, [
      'm.yaml:2:12: methods[0].rpc: give the descriptors of the API, beside it or at the top: "descriptors: api.binpb"',
    ]);
  });
});
