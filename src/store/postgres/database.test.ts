import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { after, describe, it } from "node:test";
import { systemClock } from "../../core/ports/clock.ts";
import { systemRandom } from "../../core/ports/random.ts";
import { failureOf, open, server } from "./a-database.suite.ts";
import { columnsOf } from "./array.ts";
import { Database } from "./database.ts";
import { faultKind } from "./fault.ts";
import { retrying } from "./retry.ts";

const address = await server.createDatabase();

/** A network to the database that can begin to drop everything sent. */
class Network {
  swallows = false;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor() {
    this.#server = createServer((near) => {
      const far = connect(server.port, "127.0.0.1");
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(from);
        from.on("data", (bytes) => {
          if (!this.swallows) to.write(bytes);
        });
        from.on("error", () => {});
        from.on("close", () => to.destroy());
      }
    });
  }

  /** The address of the database behind this network. */
  async listen(): Promise<string> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    const at = this.#server.address();
    assert.ok(at !== null && typeof at === "object");
    return Object.assign(new URL(address), { port: String(at.port) }).href;
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}

describe("Database", { concurrency: true }, () => {
  it("returns values unchanged: texts, whole numbers, booleans and null", async () => {
    const database = open(address);
    const texts = ["", "NULL", 'quote " and \\ backslash', "{1,2}", "ä€𝄞", "line\nbreak"];
    const rows = await database.query("select * from unnest($1::text[], $2::bigint[], $3::boolean[])", [
      ...columnsOf(texts.map((text, index) => [text, 2 ** 53 - 1 - index, index % 2 === 0])),
    ]);
    assert.deepEqual(
      rows.map((row) => [...row]),
      texts.map((text, index) => [text, 2 ** 53 - 1 - index, index % 2 === 0]),
    );
    const [row = []] = await database.query("select $1::text, $2::integer", [null, 7]);
    assert.deepEqual([...row], [null, 7]);
  });

  it("does not change a text with the character 0, which PostgreSQL refuses", async () => {
    const database = open(address);
    const failure = await failureOf(database.query("select $1::text", ["a\0b"]));
    assert.equal((failure as { readonly code?: unknown }).code, "22021");
    const [row = []] = await database.query("select $1::text", ["a\u0001b"]);
    assert.deepEqual([...row], ["a\u0001b"]);
  });

  it("rolls a transaction back when its function rejects, and rejects with the same error", async () => {
    const database = open(address);
    await database.query("create table kept (n integer)");
    const error = new Error("changed my mind");
    const failed = database.transaction(async (query) => {
      await query("insert into kept values (1)");
      throw error;
    });
    assert.equal(await failureOf(failed), error);
    const answer = await database.transaction(async (query) => {
      await query("insert into kept values (2)");
      return "done";
    });
    assert.equal(answer, "done");
    assert.deepEqual(
      (await database.query("select n from kept")).map(([n]) => n),
      [2],
    );
  });

  it("lets the database stop a statement after 5 seconds, unless the address says otherwise or it is patient", async () => {
    for (const [expected, patient] of [
      ["5s", false],
      ["0", true],
    ] as const) {
      const database = open(address, { patient, connections: 1 });
      assert.equal((await database.query("show statement_timeout"))[0]?.[0], expected);
    }
    const error = await failureOf(open(`${address}?statement_timeout=50`).query("select pg_sleep(20)"));
    assert.equal((error as { readonly code?: string }).code, "57014");
    assert.equal(faultKind(error), "undone");
  });

  it("gives up after 6 seconds if the network drops everything, and works with new connections", async () => {
    const network = new Network();
    after(() => network.close());
    const database = open(await network.listen());
    await database.query("select 1");
    network.swallows = true;
    const startedAt = systemClock.monotonic();
    // One query uses the existing connection, the other needs a second one, which is never
    // established.
    const errors = await Promise.all([
      failureOf(database.query("select 2")),
      failureOf(database.transaction((query) => query("select 3"))),
    ]);
    assert.ok(systemClock.monotonic() - startedAt >= 5_900);
    assert.deepEqual(new Set(errors.map(faultKind)), new Set(["unknown", "unsent"]));
    network.swallows = false;
    assert.equal((await database.query("select 4"))[0]?.[0], 4);
  });

  it("reports an unknown outcome if a connection was cut, and opens another", async () => {
    const database = open(address, { connections: 1 });
    const other = open(address);
    const [row] = await database.query("select pg_backend_pid()");
    const pid = Number(row?.[0]);
    const failed = failureOf(database.query("select pg_sleep(20)"));
    const isAsleep = async (): Promise<boolean> =>
      (
        await other.query("select wait_event = 'PgSleep' from pg_stat_activity where pid = $1::integer", [
          pid,
        ])
      )[0]?.[0] === true;
    while (!(await isAsleep()));
    await other.query("select pg_terminate_backend($1::integer)", [pid]);
    assert.equal(faultKind(await failed), "unknown");
    const [answer] = await retrying(systemRandom, () => database.query("select 1"));
    assert.equal(answer?.[0], 1);
  });

  it("reports that nothing was sent if the database cannot be reached", async () => {
    const nowhere = createServer().listen(0, "127.0.0.1");
    await once(nowhere, "listening");
    const at = nowhere.address();
    assert.ok(at !== null && typeof at === "object");
    nowhere.close();
    await once(nowhere, "close");
    const error = await failureOf(open(`postgres://u@127.0.0.1:${at.port}/d`).query("select 1"));
    assert.equal(faultKind(error), "unsent", String(error));
  });

  it("waits for statements in progress when it closes", async () => {
    const database = new Database({ address, connections: 1 });
    await database.query("select 1");
    const slow = database.query("select pg_sleep(0.1), 5");
    await new Promise<void>((resolve) => systemClock.soon(resolve));
    await database.close();
    assert.equal((await slow)[0]?.[1], 5);
  });
});

describe("Database.close()", () => {
  it("refuses statements after it, so that no connection stays open", async () => {
    const database = new Database({ address, connections: 1 });
    await database.query("select 1");
    await database.close();
    for (let count = 0; count < 3; count++)
      await assert.rejects(database.query("select 3"), { code: "UNAVAILABLE" });
    await assert.rejects(
      database.transaction((inside) => inside("select 4")),
      { code: "UNAVAILABLE" },
    );
  });
});
