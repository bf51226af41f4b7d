import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Operations } from "../../wire/gen/google/longrunning/operations_pb.ts";
import { Methods } from "../../wire/gen/longrunning/v1/methods_pb.ts";
import { Watches } from "../../wire/gen/longrunning/v1/watches_pb.ts";
import { Workers } from "../../wire/gen/longrunning/v1/workers_pb.ts";
import {
  definitionOf,
  METHODS_SERVICE,
  OPERATIONS_SERVICE,
  servedShapes,
  WATCHES_SERVICE,
  WORKERS_SERVICE,
} from "./service-shapes.ts";

describe("the shapes of our services", () => {
  it("match their descriptors", () => {
    for (const [shape, desc] of [
      [OPERATIONS_SERVICE, Operations],
      [METHODS_SERVICE, Methods],
      [WATCHES_SERVICE, Watches],
      [WORKERS_SERVICE, Workers],
    ] as const) {
      assert.equal(shape.typeName, desc.typeName);
      assert.deepEqual(shape.methods.toSorted(), desc.methods.map(({ name }) => name).toSorted());
    }
  });
});

const rpc = (typeName: string, name: string) => ({ desc: { name, parent: { typeName } } });

describe("servedShapes()", () => {
  it("groups RPCs under their services, after ours", () => {
    const shapes = servedShapes([rpc("a.A", "One"), rpc("b.B", "One"), rpc("a.A", "Two")]);
    assert.deepEqual(shapes.slice(4), [
      { typeName: "a.A", methods: ["One", "Two"] },
      { typeName: "b.B", methods: ["One"] },
    ]);
  });
});

describe("definitionOf()", () => {
  it("passes bytes through, in both directions", () => {
    const { One } = definitionOf({ typeName: "a.A", methods: ["One"] });
    assert.equal(One?.path, "/a.A/One");
    const bytes = Buffer.of(1, 2);
    assert.equal(One.requestDeserialize(bytes), bytes);
    assert.equal(One.responseSerialize(bytes), bytes);
  });
});
