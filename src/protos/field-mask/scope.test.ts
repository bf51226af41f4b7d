import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { reflect } from "@bufbuild/protobuf/reflect";
import { growthOf } from "../../../test/growth/growth.ts";
import { libraryService, methodOf } from "../../../test/support/library-protos.ts";
import { populatedScope, type Scope, scopeOfMember, scopeOfPaths, scopesIn } from "./scope.ts";

const service = libraryService();
const update = methodOf(service, "UpdateBook").input;
const book = methodOf(service, "GetBook").output;

/** Only the names, as an object. */
const plain = (scope: Scope | undefined): unknown =>
  scope === undefined || scope === "all"
    ? scope
    : Object.fromEntries(Array.from(scope, ([key, each]) => [key, plain(each)]));

test("scopeOfPaths() takes the wider of two paths, in either order", () => {
  const expected = { author: "all", labels: { "a.b": "all", c: "all" } };
  const paths = ["author.given_name", "author", "labels.`a.b`", "labels.c"];
  assert.deepEqual(plain(scopeOfPaths(paths)), expected);
  assert.deepEqual(plain(scopeOfPaths(paths.toReversed())), expected);
  assert.equal(scopeOfPaths(["author", "*"]), "all");
});

test("populatedScope() goes into messages, not into lists and maps", () => {
  const message = create(book, {
    title: "a",
    author: { teacher: {} },
    tags: ["a"],
    labels: { a: "b" },
  });
  const expected = { title: "all", author: { teacher: {} }, tags: "all", labels: "all" };
  assert.deepEqual(plain(populatedScope(reflect(book, message))), expected);
});

test("scopeOfMember() is the scope of a name, of every member, or none", () => {
  const scope = scopeOfPaths(["a.*", "a.b.c"]);
  assert.equal(scopeOfMember("all", "x"), "all");
  assert.equal(scopeOfMember(scope, "x"), undefined);
  const inside = scopeOfMember(scope, "a");
  assert.deepEqual(
    [plain(scopeOfMember(inside ?? "all", 7)), plain(scopeOfMember(inside ?? "all", "b"))],
    ["all", { c: "all" }],
  );
});

suite("scopesIn()", () => {
  const fieldOf = (desc: typeof book, name: string) => {
    const field = desc.fields.find((each) => each.name === name);
    assert.ok(field !== undefined);
    return field;
  };
  const message = create(update, {
    book: { sequels: [{ title: "a" }], translators: { de: { givenName: "b" } } },
    updateMask: { paths: ["sequels.*.title", "translators.de"] },
  });
  const scopeAt = scopesIn(update, message);
  const at = (...path: Parameters<typeof scopeAt>[0]) => plain(scopeAt([fieldOf(update, "book"), ...path]));
  const sequels = fieldOf(book, "sequels");
  const translators = fieldOf(book, "translators");

  test("follows fields, members of lists, and keys", () => {
    assert.equal(at(sequels, { kind: "list_sub", index: 0 }, fieldOf(book, "title")), "all");
    assert.equal(at(sequels, { kind: "list_sub", index: 0 }, fieldOf(book, "lent")), undefined);
    assert.equal(at(translators, { kind: "map_sub", key: "de" }), "all");
    assert.equal(at(translators, { kind: "map_sub", key: "fr" }, fieldOf(book, "lent")), undefined);
    assert.equal(at(fieldOf(book, "name")), "all");
  });

  test("is everything outside of the resource", () => {
    assert.equal(scopeAt([fieldOf(update, "update_mask")]), "all");
  });

  test("reads a mask once, however many paths are looked up", () => {
    const problem = growthOf(
      (names: readonly string[]) => {
        const paths = names.map((name) => `labels.${name}`);
        const scopeOf = scopesIn(update, create(update, { book: {}, updateMask: { paths } }));
        for (const key of names)
          scopeOf([fieldOf(update, "book"), fieldOf(book, "labels"), { kind: "map_sub", key }]);
      },
      (size) => Array.from({ length: size }, (_, index) => `k${index}`),
      2_000,
    );
    assert.equal(problem, undefined);
  });
});
