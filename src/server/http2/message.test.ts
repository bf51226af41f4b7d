import assert from "node:assert/strict";
import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { test } from "node:test";
import { nameHost, streamOf } from "./message.ts";

test("streamOf() finds the stream of a request that has one", () => {
  const request = new IncomingMessage(new Socket());
  assert.equal(streamOf(request), undefined);
  const stream = {};
  assert.equal(streamOf(Object.assign(request, { stream })), stream);
});

test("nameHost() uses the authority as host, and keeps the host if there is no authority", () => {
  const request = new IncomingMessage(new Socket());
  request.headers.host = "a";
  nameHost(request);
  assert.equal(request.headers.host, "a");
  request.headers[":authority"] = "b";
  nameHost(request);
  assert.equal(request.headers.host, "b");
});
