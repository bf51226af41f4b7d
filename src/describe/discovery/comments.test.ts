import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { descriptorsOf } from "../../../test/support/descriptors.ts";
import { OperationSchema } from "../../wire/gen/google/longrunning/operations_pb.ts";
import { commentOf } from "./comments.ts";

const registry = descriptorsOf(`
  syntax = "proto3";
  package a;
  // An outer one,
  // on two lines.
  //
  // And a paragraph:
  // * with
  // * a list
  message Outer {
    // An inner one.
    message Inner {
      // Its field.
      string name = 1;
    }
    // A kind.
    enum Kind {
      // None.
      KIND_UNSPECIFIED = 0;
      BARE = 1;
    }
    string bare = 1;
    oneof either {
      // The left.
      string left = 2;
    }
  }
  // On its own.
  enum Top { ZERO = 0; }
  service S {
    rpc One(Outer) returns (Outer);
    // The other.
    rpc Two(Outer) returns (Outer);
  }
`);
const outer = registry.getMessage("a.Outer") ?? assert.fail();
const inner = registry.getMessage("a.Outer.Inner") ?? assert.fail();
const kind = registry.getEnum("a.Outer.Kind") ?? assert.fail();
const top = registry.getEnum("a.Top") ?? assert.fail();
const service = registry.getService("a.S") ?? assert.fail();

suite("commentOf()", () => {
  test("joins the lines of a paragraph, and keeps paragraphs and lists", () => {
    assert.equal(commentOf(outer), "An outer one, on two lines.\n\nAnd a paragraph:\n* with\n* a list");
  });

  test("finds the comments of messages, fields, enums, their values and RPCs, at any depth", () => {
    assert.equal(commentOf(inner), "An inner one.");
    assert.equal(commentOf(inner.fields[0] ?? assert.fail()), "Its field.");
    assert.equal(commentOf(kind), "A kind.");
    assert.deepEqual(kind.values.map(commentOf), ["None.", ""]);
    assert.equal(commentOf(top), "On its own.");
    assert.deepEqual(service.methods.map(commentOf), ["", "The other."]);
    assert.deepEqual(outer.fields.map(commentOf), ["", "The left."]);
  });

  test("is empty for descriptors without comments", () => {
    assert.equal(commentOf(OperationSchema), "");
  });
});
