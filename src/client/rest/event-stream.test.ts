import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { EventReader } from "./event-stream.ts";

const TEXT = [
  "retry: 1000\n\n",
  'event: operation\nid: 1\ndata: {"a":"ü: "}\n\n',
  ":\n\n",
  ": event: x\nevent:plain\r\ndata\r\ndata:  two\r\n\r\n",
  "data: only\r\rid: 7\n\nevent: lost\n\n",
  "data: cut off",
].join("");
const EVENTS = [
  { event: "operation", data: '{"a":"ü: "}' },
  { event: "plain", data: "\n two" },
  { event: "message", data: "only" },
];

describe("EventReader", () => {
  it("reads events however their text is split", () => {
    for (const size of [1, 2, 3, 7, 1_000]) {
      const reader = new EventReader();
      const pieces = Array.from({ length: Math.ceil(TEXT.length / size) }, (_, index) =>
        TEXT.slice(index * size, (index + 1) * size),
      );
      assert.deepEqual(
        pieces.flatMap((piece) => [...reader.read(piece)]),
        EVENTS,
        `${size}`,
      );
    }
  });
});
