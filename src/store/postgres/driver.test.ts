import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { test } from "node:test";
import { openDriver } from "./driver.ts";
import { readServerAddress } from "./server-address.ts";
import { Sockets } from "./sockets.ts";

test("the driver sends nothing with a connection that poolers refuse", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const at = server.address();
  assert.ok(at !== null && typeof at === "object");
  const address = readServerAddress(
    `postgres://me@127.0.0.1:${at.port}/d?search_path=x&statement_timeout=1s`,
  );
  const [host] = address.hosts;
  assert.ok(host);
  const sockets = new Sockets();
  const parts = { options: { address: "" }, address, host, sockets, over: () => {}, events: {} };
  const connected = once(server, "connection") as Promise<[Socket]>;
  const failed = assert.rejects(openDriver(parts).unsafe("select 1").execute(), {
    code: "CONNECTION_CLOSED",
  });
  const [socket] = await connected;
  const [bytes] = (await once(socket, "data")) as [Buffer];
  const words = bytes.subarray(8).toString().split("\0");
  assert.deepEqual(
    words.filter((word, index) => word !== "" && index % 2 === 0),
    ["user", "database", "client_encoding", "application_name"],
  );
  sockets.only();
  socket.destroy();
  await failed;
  server.close();
});
