import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, it } from "node:test";
import { PageFiles } from "./files.ts";
import { askAt, openOperatorsServer } from "./operators-server.suite.ts";

/** Serves a listener while the test uses it. */
async function serving(listener: RequestListener, look: (url: string) => Promise<void>): Promise<void> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    await look(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

describe("the operators' interface", () => {
  it("links to the page by a relative address, whatever prefix a proxy has removed", async () => {
    await using server = await openOperatorsServer();
    const { status, headers } = await askAt(`${server.url}/admin`, "GET");
    assert.deepEqual([status, headers.get("location")], [302, "admin/"]);
  });

  it("names the command that builds the page if it is not built, or shows the page", async () => {
    await using server = await openOperatorsServer();
    const { status, text } = await server.ask("GET", "");
    if (status === 200) assert.match(text, /<!doctype html>/i);
    else
      assert.deepEqual(
        [status, text],
        [404, "The dashboard is not built. Build it with: npm run build:dashboard\n"],
      );
  });

  it("reads the page again if its files could not be read", async (context) => {
    await using server = await openOperatorsServer();
    context.mock.method(PageFiles, "read", () => Promise.reject(new Error("EMFILE")), { times: 1 });
    await assert.rejects(server.ask("GET", ""), TypeError);
    assert.match((await server.ask("GET", "")).text, /dashboard|<!doctype html>/i);
  });

  it("is where a program mounts it, and nowhere else", async () => {
    await using server = await openOperatorsServer({ admin: "off" });
    const listener = server.operations.adminListener({ access: () => "read", path: "/a/b/ops/" });
    await serving(listener, async (url) => {
      const session = await askAt(`${url}/a/b/ops/v1/session`, "GET");
      assert.deepEqual([session.status, session.json["access"]], [200, ["read"]]);
      assert.equal((await askAt(`${url}/a/b/ops`, "GET")).headers.get("location"), "ops/");
      assert.deepEqual((await askAt(`${url}/admin/v1/session`, "GET")).reason, "PATH_NOT_FOUND");
      assert.deepEqual((await askAt(`${url}/v1/operations`, "GET")).reason, "PATH_NOT_FOUND");
    });
  });

  it("works where a framework has removed its prefix", async () => {
    await using server = await openOperatorsServer({ admin: "off" });
    const listener = server.operations.adminListener({ access: () => "full", path: "/" });
    const framework: RequestListener = (request, response) => {
      const originalUrl = request.url ?? "";
      Object.assign(request, { originalUrl, url: originalUrl.replace(/^\/tools\/ops/, "") || "/" });
      listener(request, response);
    };
    await serving(framework, async (url) => {
      assert.equal((await askAt(`${url}/tools/ops/v1/session`, "GET")).status, 200);
      assert.equal((await askAt(`${url}/tools/ops`, "GET")).headers.get("location"), "ops/");
      assert.notEqual((await askAt(`${url}/tools/ops/`, "GET")).status, 302);
    });
  });

  it("refuses nonsensical options", async () => {
    await using server = await openOperatorsServer();
    const mount = (options: object) => () => server.operations.adminListener(options as never);
    assert.throws(mount({}), /^TypeError: adminListener: access: expected/);
    assert.throws(
      mount({ access: () => "read", path: "admin" }),
      /^TypeError: adminListener: path: expected/,
    );
    assert.throws(mount({ access: () => "read", prefix: "/" }), /^TypeError: .*prefix/);
  });
});
