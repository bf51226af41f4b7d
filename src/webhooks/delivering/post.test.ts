import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:https";
import { createServer as createPlainServer, type AddressInfo } from "node:net";
import { suite, test } from "node:test";
import { setDefaultCACertificates } from "node:tls";
import { LIMITS } from "../../core/limits.ts";
import { systemClock } from "../../core/ports/clock.ts";
import { FIRST_PAIR, SECOND_PAIR } from "../../server/listening/certificates.suite.ts";
import { ManualClock, settled } from "../../testing/manual-clock.ts";
import { LOOPBACK, Receiver } from "../../outbound/receiver.suite.ts";
import { RequestTimeout } from "../../outbound/sender.ts";
import { Proxy } from "../../outbound/tunnel.suite.ts";
import { Poster } from "./post.ts";
import { type Resolve, TargetRefused, Targets } from "./target.ts";

const MESSAGE = { headers: { "content-type": "application/json", "webhook-id": "evt_1" }, body: '{"ä":1}' };
const NEVER = new AbortController().signal;

/** A poster, which is closed with the test. */
function aPoster(clock = systemClock, resolve?: Resolve, proxy?: URL): Poster & Disposable {
  const targets = new Targets(LOOPBACK, resolve);
  const poster = new Poster({ targets, clock, userAgent: "test", proxy });
  return Object.assign(poster, { [Symbol.dispose]: () => poster.close() });
}

const toItself: Resolve = async () => ["127.0.0.1"];

const post = (poster: Poster, url: string): Promise<{ readonly status: number }> =>
  poster.post(new URL(url), MESSAGE, NEVER);

suite("Poster", () => {
  test("sends bytes and headers unchanged, to the name's address with the name as Host", async () => {
    await using receiver = await Receiver.open();
    using poster = aPoster(systemClock, toItself);
    const { port } = new URL(receiver.url);
    assert.deepEqual(await post(poster, `http://hooks.example.com:${port}/a?b`), {
      status: 204,
      retryAfter: undefined,
    });
    const [arrival] = receiver.arrivals;
    assert.deepEqual([arrival?.body, arrival?.path], [MESSAGE.body, "/a?b"]);
    assert.equal(arrival?.headers.host, `hooks.example.com:${port}`);
    assert.equal(arrival.headers["webhook-id"], "evt_1");
  });

  test("treats a redirect as an answer, and does not follow it", async () => {
    await using elsewhere = await Receiver.open();
    await using receiver = await Receiver.open();
    using poster = aPoster();
    for (const status of [301, 302, 303, 307, 308]) {
      receiver.answer = (response) => void response.writeHead(status, { location: elsewhere.url }).end();
      assert.equal((await post(poster, receiver.url)).status, status);
    }
    assert.equal(elsewhere.arrivals.length, 0);
  });

  test("reads only a little of an endless body", async () => {
    await using receiver = await Receiver.open();
    using poster = aPoster();
    let sent = 0;
    const cut = Promise.withResolvers<void>();
    receiver.answer = (response) => {
      const chunk = Buffer.alloc(65_536);
      const more = (): void => {
        while (sent < 1_073_741_824 && response.write(chunk)) sent += chunk.length;
      };
      response.on("drain", more).on("close", () => cut.resolve());
      more();
    };
    assert.equal((await post(poster, receiver.url)).status, 200);
    await cut.promise;
    assert.ok(sent < 67_108_864, `${sent} bytes`);
  });

  test("gives up if there is no answer in time, or a body comes drop by drop", async () => {
    await using receiver = await Receiver.open();
    const clock = new ManualClock();
    using poster = aPoster(clock);
    receiver.answer = () => {};
    const silent = post(poster, receiver.url);
    await receiver.until(1);
    await clock.advance(LIMITS.webhookAnswerMsMax - 1);
    const over = assert.rejects(silent, RequestTimeout);
    await clock.advance(1);
    await over;
    const closed = Promise.withResolvers<void>();
    receiver.answer = (response) => {
      response
        .on("close", () => closed.resolve())
        .writeHead(200)
        .write("a");
    };
    assert.equal((await post(poster, receiver.url)).status, 200);
    await clock.advance(LIMITS.outboundDiscardMsMax);
    await closed.promise;
    assert.equal(clock.pending, 0);
  });

  test("gives up if a receiver accepts a connection but no TLS", async () => {
    const connected = Promise.withResolvers<void>();
    const server = createPlainServer((socket) => {
      socket.on("error", () => {}).resume();
      connected.resolve();
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const clock = new ManualClock();
    using poster = aPoster(clock);
    const silent = assert.rejects(
      post(poster, `https://127.0.0.1:${(server.address() as AddressInfo).port}/`),
      /no connection/,
    );
    await connected.promise;
    await clock.advance(LIMITS.outboundConnectMsMax);
    await silent;
    assert.equal(clock.pending, 0);
    server.close();
  });

  test("checks certificates, for the name in the URL", async () => {
    const server = createServer({ ...FIRST_PAIR }, (_, response) => response.writeHead(204).end());
    server.listen(0, "127.0.0.1").unref();
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const tried = async (host: string): Promise<unknown> => {
      using poster = aPoster(systemClock, toItself);
      return await post(poster, `https://${host}:${port}/`).then(
        ({ status }) => status,
        ({ code }: NodeJS.ErrnoException) => code,
      );
    };
    setDefaultCACertificates([SECOND_PAIR.cert]);
    assert.equal(await tried("127.0.0.1"), "DEPTH_ZERO_SELF_SIGNED_CERT");
    setDefaultCACertificates([FIRST_PAIR.cert]);
    assert.deepEqual(
      [await tried("127.0.0.1"), await tried("localhost"), await tried("hooks.example.com")],
      [204, 204, "ERR_TLS_CERT_ALTNAME_INVALID"],
    );
    server.closeAllConnections();
    server.close();
  });

  test("sends again if a kept connection was just closed", async () => {
    await using receiver = await Receiver.open();
    using poster = aPoster();
    await post(poster, receiver.url);
    // The connection is free once the answer was read completely.
    await settled();
    receiver.answer = (response) => {
      receiver.answer = (next) => void next.writeHead(202).end();
      response.socket?.resetAndDestroy();
    };
    assert.equal((await post(poster, receiver.url)).status, 202);
    receiver.answer = (response) => void response.socket?.resetAndDestroy();
    await assert.rejects(post(poster, receiver.url));
  });

  test("resolves the name for each connection, and refuses an address in the URL", async () => {
    await using receiver = await Receiver.open();
    const { port } = new URL(receiver.url);
    const answers = [["127.0.0.1"], ["169.254.169.254"]];
    receiver.answer = (response) => void response.writeHead(204, { connection: "close" }).end();
    using poster = aPoster(systemClock, async () => answers.shift() ?? []);
    await post(poster, `http://rebinding.example.com:${port}/`);
    await assert.rejects(post(poster, `http://rebinding.example.com:${port}/`), TargetRefused);
    await assert.rejects(post(poster, `http://169.254.169.254/latest/meta-data/`), TargetRefused);
    assert.equal(receiver.arrivals.length, 1);
  });

  test("asks a proxy only for checked addresses, and for no refused one", async () => {
    await using receiver = await Receiver.open();
    await using proxy = await Proxy.open();
    const { port } = new URL(receiver.url);
    const answers = [["127.0.0.1"], ["127.0.0.1", "169.254.169.254"]];
    receiver.answer = (response) => void response.writeHead(204, { connection: "close" }).end();
    using poster = aPoster(systemClock, async () => answers.shift() ?? [], proxy.url);
    await post(poster, `http://rebinding.example.com:${port}/`);
    await assert.rejects(post(poster, `http://rebinding.example.com:${port}/`), TargetRefused);
    await assert.rejects(post(poster, `http://169.254.169.254/latest/meta-data/`), TargetRefused);
    assert.deepEqual(
      proxy.asked.map(({ target }) => target),
      [`127.0.0.1:${port}`],
    );
  });

  test("ends with its attempt, and reports the network's error", async () => {
    await using receiver = await Receiver.open();
    using poster = aPoster();
    const controller = new AbortController();
    receiver.answer = () => controller.abort(new Error("the worker stops"));
    await assert.rejects(poster.post(new URL(receiver.url), MESSAGE, controller.signal), /the worker stops/);
    const { url } = receiver;
    await receiver[Symbol.asyncDispose]();
    await assert.rejects(post(poster, url), { code: "ECONNREFUSED" });
  });
});
