import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FIELDS } from "./event-fields.ts";
import { EVENT_NAMES, EVENTS, silence } from "./events.ts";

describe("EVENTS", () => {
  it("has names of two parts, sentences, and each field once", () => {
    for (const name of EVENT_NAMES) {
      const { level, sentence, fields } = EVENTS[name];
      assert.match(name, /^[a-z]+\.[a-z]+(-[a-z]+)*$/);
      if (level === undefined) assert.match(sentence, /^[A-Z].*\.$/, name);
      else assert.doesNotMatch(sentence, /\.$/, name);
      const plain = fields.map((field) => field.replace("?", ""));
      assert.equal(new Set(plain).size, plain.length, name);
    }
  });

  it("shows in sentences only fields that the event always has", () => {
    for (const name of EVENT_NAMES) {
      const { sentence, fields } = EVENTS[name];
      const shown = [...sentence.matchAll(/\{(\w+)\}/g)].map(([, field]) => field);
      assert.deepEqual(
        shown.filter((field) => !fields.some((each) => each === field)),
        [],
        name,
      );
    }
  });

  it("uses every field", () => {
    const used = new Set(
      EVENT_NAMES.flatMap((name) => EVENTS[name].fields).map((each) => each.replace("?", "")),
    );
    assert.deepEqual([...used].toSorted(), Object.keys(FIELDS).toSorted());
  });
});

describe("silence", () => {
  it("calls nothing", () => assert.deepEqual(silence, {}));
});
