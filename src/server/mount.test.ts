import assert from "node:assert/strict";
import { createServer, type IncomingMessage } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { suite, test } from "node:test";
import { below, mountOf } from "./mount.ts";

const mountAt = (url: string, originalUrl?: unknown): string =>
  mountOf({ url, originalUrl } as unknown as IncomingMessage);

suite("mountOf()", () => {
  test("is the prefix that a framework has removed", () => {
    assert.equal(mountAt("/v1/operations?a=b", "/tools/v1/operations?a=b"), "tools/");
    assert.equal(mountAt("/v1:pack", "/a/b/v1:pack"), "a/b/");
    assert.equal(mountAt("/", "/tools/"), "tools/");
  });

  test("is empty if nothing was removed, or something that an address cannot contain", () => {
    assert.equal(mountAt("/v1:pack"), "");
    assert.equal(mountAt("/v1:pack", "/v1:pack"), "");
    assert.equal(mountAt("/", "/tools"), "");
    assert.equal(mountAt("/x", "//evil.example/x"), "");
    assert.equal(mountAt("/x", '/a"b/x'), "");
    assert.equal(mountAt("/x", "http://a.example/tools/x"), "");
    assert.equal(mountAt("*", "/tools/*"), "");
    assert.equal(mountAt("/x", 7), "");
  });
});

suite("below()", () => {
  test("removes the path, keeps the query, and refuses everything else", async () => {
    const listener = below("/tools/", (request, response) =>
      response.end(`${request.url} of ${mountOf(request)}`),
    );
    const server = createServer(listener).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const ask = async (path: string): Promise<[number, string]> => {
      const answer = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { connection: "close" } });
      return [answer.status, await answer.text()];
    };
    assert.deepEqual(await ask("/tools/v1:pack?a=b"), [200, "/v1:pack?a=b of tools/"]);
    assert.deepEqual(await ask("/tools/"), [200, "/ of tools/"]);
    assert.equal((await ask("/tools"))[1], "/ of ");
    for (const path of ["/", "/toolsx", "/v1:pack", "/v1/tools/"]) {
      const [status, text] = await ask(path);
      assert.deepEqual([status, /PATH_NOT_FOUND/.test(text)], [404, true], path);
    }
    server.close();
  });
});
