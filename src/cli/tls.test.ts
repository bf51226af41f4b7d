import assert from "node:assert/strict";
import { connect } from "node:http2";
import { request } from "node:https";
import { describe, it } from "node:test";
import type { TLSSocket } from "node:tls";
import { FIRST_PAIR, SECOND_PAIR } from "../server/listening/certificates.suite.ts";
import { EXIT } from "./exit.ts";
import { readTls } from "./tls.ts";
import { aWorld, source, type World } from "./world.suite.ts";

/** The certificate of a server, once it has answered. */
function presented(port: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request({ port, host: "127.0.0.1", agent: false, rejectUnauthorized: false }, (response) => {
      const { raw } = (response.socket as TLSSocket).getPeerX509Certificate() ?? {};
      response.resume().on("end", () => resolve(raw?.toString("base64") ?? ""));
    });
    sent.on("error", reject).end();
  });
}

/** The certificate for a gRPC client, once both speak HTTP/2. */
function presentedToGrpc(port: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const session = connect(`https://127.0.0.1:${port}`, { rejectUnauthorized: false });
    session.on("error", reject).on("remoteSettings", () => {
      const { raw } = (session.socket as TLSSocket).getPeerX509Certificate() ?? {};
      resolve(raw?.toString("base64") ?? "");
      session.close();
    });
  });
}

const derOf = (pem: string): string => pem.replaceAll(/-----.*-----|\s/g, "");

describe("readTls()", () => {
  it("reads both files, or nothing if neither is set", async () => {
    using world = aWorld();
    world.file("a.crt", "cert");
    world.file("a.key", "key");
    const pair = await readTls(world.io, { tlsCert: "a.crt", tlsKey: "a.key" });
    assert.deepEqual([String(pair?.cert), String(pair?.key)], ["cert", "key"]);
    world.file("clients.crt", "clients");
    const asking = await readTls(world.io, { tlsCert: "a.crt", tlsKey: "a.key", tlsClientCa: "clients.crt" });
    assert.equal(String(asking?.clientCa), "clients");
    assert.equal(await readTls(world.io, {}), undefined);
  });

  it("refuses one without the other, and files that cannot be read", async () => {
    using world = aWorld();
    await assert.rejects(readTls(world.io, { tlsCert: "a.crt" }), /tlsCert is set and tlsKey is not/);
    await assert.rejects(
      readTls(world.io, { tlsClientCa: "a.crt" }),
      /tlsClientCa is set and tlsCert is not/,
    );
    await assert.rejects(readTls(world.io, { tlsKey: "a.key" }), /tlsKey is set and tlsCert is not/);
    await assert.rejects(
      readTls(world.io, { tlsCert: "a.crt", tlsKey: "a.key" }),
      /tlsCert: "a\.crt" cannot be read: ENOENT/,
    );
    if (process.platform !== "win32")
      await assert.rejects(
        readTls(world.io, { tlsCert: "/dev/zero", tlsKey: "a.key" }),
        /tlsCert: "\/dev\/zero" cannot be read: it has more than 4194304 bytes/,
      );
  });
});

function archive(world: World): string {
  return world.file(
    "archive.ts",
    `import { defineMethod } from ${JSON.stringify(source("index.ts"))};
     const request = { "~standard": { version: 1, vendor: "test", validate: (value: unknown) => ({ value }) } } as const;
     export const createArchive = defineMethod({ name: "createArchive", request, run: () => {} });`,
  );
}

describe("serve with TLS", () => {
  const FLAGS = ["--store", "sqlite::memory:", "--port", "0", "--log-format", "json"];
  const TLS = ["--tls-cert", "tls.crt", "--tls-key", "tls.key"];

  it("presents the certificate, and another after SIGHUP, unless that is invalid", async () => {
    using world = aWorld();
    world.file("tls.crt", FIRST_PAIR.cert);
    world.file("tls.key", FIRST_PAIR.key);
    const ended = world.run("serve", archive(world), ...FLAGS, ...TLS);
    await world.errContains('"message":"serving"');
    const port = /https:\/\/127\.0\.0\.1:(\d+)/.exec(world.out())?.[1] ?? assert.fail("expected an address");
    assert.equal(await presented(port), derOf(FIRST_PAIR.cert));
    assert.equal(await presentedToGrpc(port), derOf(FIRST_PAIR.cert));
    world.file("tls.crt", SECOND_PAIR.cert);
    world.hangUp();
    await world.errContains("the certificate could not be read again");
    assert.match(world.err(), /the key is not that of the certificate/);
    assert.doesNotMatch(world.err(), /\n? at .*\.ts:/, "an operator's mistake has no stack");
    assert.equal(await presented(port), derOf(FIRST_PAIR.cert));
    world.file("tls.key", SECOND_PAIR.key);
    world.hangUp();
    await world.errContains("the certificate was read again");
    assert.equal(await presented(port), derOf(SECOND_PAIR.cert));
    assert.equal(await presentedToGrpc(port), derOf(SECOND_PAIR.cert));
    world.interrupt();
    assert.equal(await ended, EXIT.succeeded);
  });

  it("is refused if key and certificate do not match", async () => {
    using world = aWorld();
    world.file("tls.crt", FIRST_PAIR.cert);
    world.file("tls.key", SECOND_PAIR.key);
    assert.equal(await world.run("serve", archive(world), ...FLAGS, ...TLS), EXIT.refused);
    assert.match(
      world.err(),
      /Cannot serve: Cannot use the certificate and key for TLS: the key is not that/,
    );
  });
});
