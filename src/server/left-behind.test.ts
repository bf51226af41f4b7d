import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { createServer, Socket } from "node:net";
import { suite, test } from "node:test";
import { ManualClock, settled } from "../testing/manual-clock.ts";
import { AnswerCache } from "./answer-cache.ts";
import { CountedShares, countServer } from "./left-behind.suite.ts";

/** An answer that is never sent. */
class Stuck extends EventEmitter {
  readonly writableLength = 0;
}

/** The error of a server test that leaves something behind; undefined if it does not. */
async function afterTest(body: (shares: CountedShares) => unknown): Promise<string | undefined> {
  const shares = new CountedShares(new ManualClock());
  const assertNothingIsLeft = countServer(shares, 200);
  await body(shares);
  return assertNothingIsLeft().then(
    () => undefined,
    (error: unknown) => String(error),
  );
}

suite("a test of a server fails if it leaves behind", () => {
  test("nothing: it does not", async () => {
    const found = await afterTest((shares) => {
      const answer = new Stuck();
      shares.ofSocket(new Socket()).begin(answer, () => {});
      answer.emit("close");
      const cache = new AnswerCache({ bytesMax: 1, lifeMs: 1, now: () => 0 });
      cache.giveUp(cache.begin("a"));
    });
    assert.equal(found, undefined);
  });

  test("an open call", async () => {
    const found = await afterTest((shares) => shares.ofSession({}).begin(new Stuck(), () => {}));
    assert.match(found ?? "", /calls are open/);
  });

  test("the place of a long call", async () => {
    const gone = new Stuck();
    const found = await afterTest(async (shares) => {
      const share = shares.ofSocket(new Socket());
      share.begin(gone, () => {});
      void share.long(gone, () => new Promise(() => {}));
      await settled();
      gone.emit("close");
    });
    assert.match(found ?? "", /places of long calls/);
  });

  test("a ticket of the answer cache", async () => {
    const found = await afterTest(() => new AnswerCache({ bytesMax: 1, lifeMs: 1, now: () => 0 }).begin("a"));
    assert.match(found ?? "", /answers being made: 1/);
  });

  test("an open port and a connection", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    const client = new Socket();
    const sockets: Socket[] = [client];
    server.on("connection", (socket) => sockets.push(socket));
    const found = await afterTest(async () => {
      await once(server, "listening");
      const { port } = server.address() as { readonly port: number };
      await Promise.all([once(server, "connection"), once(client.connect(port, "127.0.0.1"), "connect")]);
    });
    for (const socket of sockets) socket.destroy();
    server.close();
    assert.match(found ?? "", /connections: [23]/);
  });
});
