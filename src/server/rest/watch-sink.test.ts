import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { describe, it } from "node:test";
import { StatusError } from "../../core/error/error.ts";
import type { Operation } from "../../core/operation/operation.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { ArraySink, EventSink, type WatchView } from "./watch-sink.ts";

/** A response that records what is written. */
function aResponse() {
  let text = "";
  const response = {
    destroyed: false,
    req: { socket: { destroyed: false } },
    write: (chunk: string | Uint8Array) => void (text += Buffer.from(chunk).toString()),
    end: () => void (text += "END"),
  };
  return { response, sent: response as unknown as ServerResponse, text: () => text };
}

let made = 0;
const view: WatchView = {
  domain: "archive",
  isCollection: false,
  json: ({ id }: Operation) => {
    made++;
    return `{"name":"<${id}>"}`;
  },
};
const refused = new StatusError("PERMISSION_DENIED", "No.\nNever.", { reason: "R_R" });
const taken = (): void => undefined;

describe("EventSink", () => {
  it("writes events that no line of data can break, with the same bytes for all", () => {
    const operation = { ...anOperation(), revision: 12 };
    made = 0;
    for (const [{ sent, text }, before] of [aResponse(), aResponse()].map((each) => [each, made] as const)) {
      const sink = new EventSink(sent, view);
      sink.operation(operation, taken);
      sink.comment(taken);
      sink.removed("operations/<\n", taken);
      sink.end(refused);
      assert.equal(sink.bytes, Buffer.byteLength(text()) - 3);
      const json = `{"name":"\\u003c${operation.id}\\u003e"}`;
      assert.ok(text().startsWith(`retry: 1000\n\nevent: operation\nid: 12\ndata: ${json}\n\n:\n\n`), text());
      assert.match(text(), /event: removed\ndata: \{"name":"operations\/\\u003c\\n"\}\n\n/);
      assert.match(
        text(),
        /event: status\ndata: \{"code":7,"message":"No\.\\nNever\.","details":\[.*"R_R".*\]\}\n\nEND$/,
      );
      assert.ok(made - before <= 1);
    }
    assert.equal(made, 1);
  });

  it("writes nothing to a caller that has left", () => {
    const { response, sent, text } = aResponse();
    const sink = new EventSink(sent, view);
    response.destroyed = true;
    sink.comment(taken);
    sink.end();
    assert.equal(text(), "retry: 1000\n\n");
  });
});

describe("ArraySink", () => {
  it("writes valid JSON, whatever comes and however it ends", () => {
    const empty = aResponse();
    new ArraySink(empty.sent, view).end();
    assert.deepEqual(JSON.parse(empty.text().replace("END", "")), []);
    const { sent, text } = aResponse();
    const sink = new ArraySink(sent, view);
    sink.comment(taken);
    sink.operation(anOperation(), taken);
    sink.comment(taken);
    sink.removed("operations/x", taken);
    sink.end(refused);
    const [, missing, error] = JSON.parse(text().replace("END", "")) as { error: { status: string } }[];
    assert.deepEqual([missing?.error.status, error?.error.status], ["NOT_FOUND", "PERMISSION_DENIED"]);
  });
});
