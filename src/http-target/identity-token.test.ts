import assert from "node:assert/strict";
import { chmodSync, closeSync, constants, openSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";
import { LIMITS } from "../core/limits.ts";
import { ManualClock } from "../testing/manual-clock.ts";
import { FIFOS, makeFifo, using } from "../files/fifo.suite.ts";
import { Sender } from "../outbound/sender.ts";
import { IdentityToken } from "./identity-token.ts";
import { Receiver } from "../outbound/receiver.suite.ts";
import { answering, openTargetWorld } from "./target-world.suite.ts";

/** A token that expires after `lifeMs` on a clock. */
function tokenFor(clock: ManualClock, lifeMs: number, name = "a"): string {
  const claims = JSON.stringify({ sub: name, exp: Math.floor((clock.now() + lifeMs) / 1_000) });
  return `e30.${Buffer.from(claims).toString("base64url")}.c2ln`;
}

async function aFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), "longrunning-token-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

suite("an identity token", () => {
  test("from a file is read for each request, so that it may change", async () => {
    await using folder = await aFolder();
    const tokenFile = join(folder.path, "token");
    await using world = await openTargetWorld({ target: { auth: { oidc: { tokenFile } } } });
    for (const token of ["first", "second"]) {
      writeFileSync(tokenFile, `${token}\n`);
      await world.answered(answering(200, { width: 1 }));
      assert.equal(world.target.arrivals.at(-1)?.headers.authorization, `Bearer ${token}`);
    }
    for (const text of ["", "two words", "x".repeat(1_000_000)]) {
      writeFileSync(tokenFile, text);
      const { attempts, exception } = await world.answered(answering(200, { width: 1 }));
      assert.equal(attempts[0]?.code, "UNAVAILABLE");
      assert.match(exception ?? "", /^The file .*token gave no token: \d+ characters of another kind$/);
    }
    await rm(tokenFile);
    const { state, exception } = await world.answered(answering(200, { width: 1 }));
    assert.deepEqual([state, exception], ["PENDING", `The file ${tokenFile} gave no token: ENOENT`]);
    assert.equal(world.target.arrivals.length, 2);
  });

  test("from a FIFO is read once for all who need it, and awaited for a limited time", FIFOS, async () => {
    await using folder = await aFolder();
    const path = makeFifo(join(folder.path, "token"));
    const clock = new ManualClock();
    const sender = new Sender({ clock, userAgent: "test" });
    const { result, paused } = using(clock, async (watched) => {
      const token = new IdentityToken({ source: { kind: "file", path }, sender, clock: watched });
      const both = await Promise.all([token.get(), token.get()]);
      await assert.rejects(
        token.get(),
        /^TypeError: The file .* gave no token: it is a FIFO, and no program opened it for writing/,
      );
      return both;
    });
    await paused();
    assert.equal(clock.pending, 1, "one read");
    const writer = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
    writeSync(writer, "token\n");
    closeSync(writer);
    await clock.advance(10);
    await paused();
    await clock.advance(10_000);
    assert.deepEqual(await result, ["token", "token"]);
    sender.close();
  });

  test("from a command is kept until shortly before it expires", async () => {
    await using folder = await aFolder();
    const [program, printed, runs] = ["print", "printed", "runs"].map((name) => join(folder.path, name));
    assert.ok(program !== undefined && printed !== undefined && runs !== undefined);
    writeFileSync(program, `#!/bin/sh\necho "$1" >> ${runs}\ncat ${printed}\n`);
    chmodSync(program, 0o755);
    const oidc = { exec: [program, "with; no $shell"] };
    await using world = await openTargetWorld({ target: { auth: { oidc } } });
    const token = tokenFor(world.clock, 3_600_000);
    writeFileSync(printed, `${token}\n`);
    const count = (): number => readFileSync(runs, "utf8").split("\n").length - 1;
    for (const [advance, expected] of [
      [0, 1],
      [3_600_000 - LIMITS.identityTokenMarginMs - 10_000, 1],
      [10_000, 2],
    ] as const) {
      await world.clock.advance(advance);
      await world.answered(answering(200, { width: 1 }));
      assert.equal(count(), expected);
      assert.equal(world.target.arrivals.at(-1)?.headers.authorization, `Bearer ${token}`);
    }
    assert.match(readFileSync(runs, "utf8"), /^with; no \$shell\n/);
    writeFileSync(program, "#!/bin/sh\necho secret; exit 3\n");
    const { exception } = await world.answered(answering(200, { width: 1 }));
    assert.equal(exception, `The command ${program} gave no token: 3`);
  });

  test("from the metadata server is for the audience, and requested once for all who need it", async () => {
    await using metadata = await Receiver.open();
    const oidc = { audience: "https://images.internal", metadataServer: metadata.url };
    await using world = await openTargetWorld({ target: { auth: { oidc } } });
    const token = tokenFor(world.clock, 3_600_000);
    const asked = Promise.withResolvers<void>();
    const answers: (() => void)[] = [];
    metadata.answer = (response) => {
      answers.push(() => void response.end(token));
      asked.resolve();
    };
    world.target.answer = answering(200, { width: 1 });
    await Promise.all([world.begin(), world.begin()]);
    await asked.promise;
    for (const answer of answers) answer();
    await world.events.until("attempt.ended", 2);
    assert.equal(metadata.arrivals.length, 1);
    const [arrival] = metadata.arrivals;
    assert.equal(
      arrival?.path,
      "/computeMetadata/v1/instance/service-accounts/default/identity?audience=https%3A%2F%2Fimages.internal&format=full",
    );
    assert.equal(arrival.headers["metadata-flavor"], "Google");
    assert.deepEqual(
      world.target.arrivals.map(({ headers }) => headers.authorization),
      [`Bearer ${token}`, `Bearer ${token}`],
    );
  });

  test("from a metadata server that is unavailable, refuses or is silent is awaited for a limited time", async () => {
    await using metadata = await Receiver.open();
    const oidc = { audience: "https://images.internal", metadataServer: metadata.url };
    await using world = await openTargetWorld({ target: { auth: { oidc } } });
    metadata.answer = answering(404, "no");
    const refused = await world.answered(answering(200, { width: 1 }));
    assert.match(refused.exception ?? "", /^The metadata server 127.* gave no token: it answered 404$/);
    metadata.answer = () => {};
    const silent = await world.begin();
    await metadata.until(2);
    await world.clock.advance(LIMITS.identityTokenMsMax);
    assert.match((await world.after(2, silent)).exception ?? "", /no answer in time/);
    assert.equal(world.target.arrivals.length, 0);
  });
});
