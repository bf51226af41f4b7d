import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:https";
import type { AddressInfo, LookupFunction } from "node:net";
import { text } from "node:stream/consumers";
import { suite, test } from "node:test";
import { setDefaultCACertificates } from "node:tls";
import { LIMITS } from "../core/limits.ts";
import { systemClock } from "../core/ports/clock.ts";
import { FIRST_PAIR, SECOND_PAIR } from "../server/listening/certificates.suite.ts";
import { ManualClock } from "../testing/manual-clock.ts";
import { Receiver } from "./receiver.suite.ts";
import { Sender, type SenderParts } from "./sender.ts";
import { TunnelRefused } from "./tunnel.ts";
import { Proxy } from "./tunnel.suite.ts";

const { signal } = new AbortController();
const lookup: LookupFunction = (_, __, callback) => callback(null, [{ address: "127.0.0.1", family: 4 }]);

function aSender(parts: Pick<SenderParts, "proxy"> & Partial<SenderParts>): Sender & Disposable {
  const sender = new Sender({ clock: systemClock, userAgent: "test", ...parts });
  return Object.assign(sender, { [Symbol.dispose]: () => sender.close() });
}

suite("requests through a proxy", () => {
  test("reach the locally resolved address, over one connection, with the name as Host", async () => {
    await using receiver = await Receiver.open();
    await using proxy = await Proxy.open();
    receiver.answer = (response) => void response.writeHead(201).end("ö");
    using sender = aSender({ proxy: proxy.url });
    const { port } = new URL(receiver.url);
    const url = new URL(`http://hooks.example.com:${port}/a?b`);
    for (const body of ["1", "2"]) {
      const answer = await sender.send(url, { headers: {}, body }, { signal, lookup });
      assert.deepEqual([answer.statusCode, await text(answer)], [201, "ö"]);
    }
    const credentials = `Basic ${Buffer.from("us@er:pass").toString("base64")}`;
    assert.deepEqual(proxy.asked, [{ target: `127.0.0.1:${port}`, credentials }]);
    assert.deepEqual(
      receiver.arrivals.map(({ body, path, headers }) => [body, path, headers.host]),
      ["1", "2"].map((body) => [body, "/a?b", `hooks.example.com:${port}`]),
    );
  });

  test("use TLS with the receiver, whose certificate is checked for the name", async () => {
    const server = createServer({ ...FIRST_PAIR }, (_, response) => response.writeHead(204).end());
    server.listen(0, "127.0.0.1").unref();
    await once(server, "listening");
    await using proxy = await Proxy.open();
    const { port } = server.address() as AddressInfo;
    const tried = async (host: string): Promise<unknown> => {
      using sender = aSender({ proxy: proxy.url });
      const url = new URL(`https://${host}:${port}/`);
      return sender.send(url, { headers: {} }, { signal, lookup }).then(
        (answer) => answer.resume().statusCode,
        ({ code }: NodeJS.ErrnoException) => code,
      );
    };
    setDefaultCACertificates([SECOND_PAIR.cert]);
    assert.equal(await tried("localhost"), "DEPTH_ZERO_SELF_SIGNED_CERT");
    setDefaultCACertificates([FIRST_PAIR.cert]);
    assert.deepEqual(
      [await tried("127.0.0.1"), await tried("localhost"), await tried("hooks.example.com")],
      [204, 204, "ERR_TLS_CERT_ALTNAME_INVALID"],
    );
    server.closeAllConnections();
    server.close();
  });

  test("fail if the proxy refuses, hangs up, says nothing, or is not there", async () => {
    await using receiver = await Receiver.open();
    await using proxy = await Proxy.open();
    const clock = new ManualClock();
    using sender = aSender({ proxy: proxy.url, clock });
    const send = (): Promise<unknown> => sender.send(new URL(receiver.url), { headers: {} }, { signal });
    proxy.answer = (socket) => void socket.end("HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n");
    await assert.rejects(send(), new TunnelRefused("the proxy answered 403"));
    proxy.answer = (socket) => void socket.destroy();
    await assert.rejects(send(), new TunnelRefused("the proxy cannot be reached"));
    const asked = Promise.withResolvers<void>();
    proxy.answer = () => asked.resolve();
    const silent = assert.rejects(send(), /in time|no connection/);
    await asked.promise;
    await clock.advance(LIMITS.outboundConnectMsMax);
    await silent;
    assert.equal(clock.pending, 0);
    await proxy[Symbol.asyncDispose]();
    await assert.rejects(send(), new TunnelRefused("the proxy cannot be reached"));
    assert.equal(receiver.arrivals.length, 0);
  });
});
