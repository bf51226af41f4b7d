import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";
import { EventSource } from "eventsource";
import { answerWebSocket } from "../../src/proxy/proxy.suite.ts";
import { startProxyProcess } from "../support/server-process.ts";
import { clientTest, CURL, PYTHON_REQUESTS } from "./installed-client.ts";
import { NGINX, startNginx } from "./nginx.ts";
import { NGINX_WITH_CGI, type NginxSite, openNginxSite } from "./nginx-site.ts";
import { PythonScript } from "./python.ts";

/** `longrunning proxy` in front of nginx and behind it, with clients that know nothing of it. */

interface CurlAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer;
}

const run = promisify(execFile);

/** Runs curl with these words. The last of several heads counts. */
async function curl(command: string, ...words: readonly string[]): Promise<CurlAnswer> {
  const options = { encoding: "buffer", maxBuffer: 64 * 1_048_576 } as const;
  const all = ["-q", "-s", "-S", "-i", "--noproxy", "*", "--max-time", "60", ...words];
  const { stdout } = await run(command, all, options);
  let rest = stdout;
  for (;;) {
    const end = rest.indexOf("\r\n\r\n");
    const [first = "", ...lines] = rest.subarray(0, end).toString("latin1").split("\r\n");
    const status = Number(first.split(" ")[1]);
    rest = rest.subarray(end + 4);
    if (status === 100) continue;
    const headers = new Headers();
    for (const line of lines)
      headers.append(line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1));
    return { status, headers, body: rest };
  }
}

const ASYNC = ["-H", "Prefer: respond-async"];

describe("longrunning proxy in front of nginx", {
  skip: NGINX_WITH_CGI.command === undefined ? `No nginx with fcgiwrap. ${NGINX_WITH_CGI.install}` : false,
  timeout: 240_000,
}, () => {
  let site: NginxSite;
  before(async () => {
    site = await openNginxSite(NGINX_WITH_CGI.command ?? "nginx");
  });
  after(() => site[Symbol.asyncDispose]());

  clientTest(CURL, "curl gets the same answers through the proxy as from nginx", async (_, command) => {
    const page = await curl(command, `${site.direct}/files/page.html`);
    const etag = page.headers.get("etag") ?? assert.fail();
    for (const [path, ...words] of [
      ["/files/large.bin"],
      ["/files/large.bin", "-r", "1000-1999"],
      ["/files/large.bin", "-r", "0-1,100-101"],
      ["/files/large.bin", "-I"],
      ["/files/page.html", "-H", `If-None-Match: ${etag}`],
      ["/files/page.html", "-H", "Accept-Encoding: gzip"],
      ["/files/page.html", "-X", "DELETE"],
      ["/files/%2e%2e/none?a=%20b"],
      ["/files"],
      ["/sum", "--data", "a=1"],
      ["/sum", "--http1.0", "--data", "a=1"],
      ["/sum", "-X", "PUT", "-H", "Expect: 100-continue", "--data-binary", "@/proc/version"],
    ] as const) {
      const direct = await curl(command, ...words, site.direct + path);
      const through = await curl(command, ...words, site.proxy.url + path);
      const shown = ({ status, headers }: CurlAnswer): object => ({
        status,
        // nginx draws the boundary of a multipart answer anew each time; redirects contain its own
        // port.
        headers: [...headers].filter(
          ([name]) => !["connection", "date", "keep-alive", "content-type", "location"].includes(name),
        ),
      });
      assert.deepEqual(shown(through), shown(direct), [path, ...words].join(" "));
      assert.equal(through.body.length, direct.body.length);
      if (!path.includes("large")) assert.ok(through.body.equals(direct.body));
    }
    assert.ok((await curl(command, `${site.proxy.url}/files/large.bin`)).body.equals(site.large));
  });

  clientTest(CURL, "curl has a slow script answer later", async (_, command) => {
    const go = site.slow("curl");
    const asked = await curl(command, ...ASYNC, "--data", "year=2026", `${site.proxy.url}/slow?curl`);
    assert.equal(asked.status, 202, asked.body.toString());
    const { name } = JSON.parse(asked.body.toString()) as { readonly name: string };
    const monitor = site.proxy.url + (asked.headers.get("location") ?? "");
    assert.equal((await curl(command, monitor)).status, 202);
    await go("done");
    const done = await curl(command, "-H", "Prefer: wait=30", monitor);
    assert.deepEqual([done.status, done.body.toString()], [201, "done\nyear=2026"]);
    const { headers } = done;
    const shown = ["content-type", "x-operation", "x-key", "asyncresult"].map((each) => headers.get(each));
    assert.deepEqual(shown, ["text/csv", name, name.slice("operations/".length), "201"]);
  });

  clientTest(CURL, "curl cancels, and the monitor answers 409", async (_, command) => {
    site.slow("cancelled");
    const asked = await curl(command, ...ASYNC, "-X", "PUT", `${site.proxy.url}/slow?cancelled`);
    const monitor = site.proxy.url + (asked.headers.get("location") ?? "");
    assert.equal((await curl(command, "-X", "DELETE", monitor)).status, 202);
    assert.equal((await curl(command, "-H", "Prefer: wait=30", monitor)).status, 409);
  });

  clientTest(
    CURL,
    "curl is refused with a body that is too large to keep, in one piece and in chunks",
    async (_, command) => {
      for (const words of [[], ["-H", "Transfer-Encoding: chunked"], ["--http1.0"]]) {
        const url = `${site.proxy.url}/sum`;
        const large = ["--data-binary", "@-", ...words];
        const all = ["-q", "-s", "-S", "-i", "--noproxy", "*", "--max-time", "60", ...ASYNC, ...large, url];
        const running = run(command, all, { encoding: "buffer" });
        running.child.stdin?.on("error", () => {}).end(site.large);
        const { stdout } = await running;
        assert.match(stdout.toString(), /^HTTP\/1\.1 413 [^]*"reason": "BODY_TOO_LARGE"/m, words.join(" "));
      }
    },
  );

  it("Node's fetch streams in both directions, and gets the answer of a slow script later", async () => {
    const body = new Blob([site.large]).stream();
    const summed = await fetch(`${site.proxy.url}/sum`, { method: "POST", body, duplex: "half" });
    const digest = createHash("sha256").update(site.large).digest("hex");
    assert.equal(await summed.text(), `${digest}  -\n`);
    const large = await fetch(`${site.proxy.url}/files/large.bin`);
    assert.ok(Buffer.from(await large.arrayBuffer()).equals(site.large));
    const go = site.slow("fetch");
    const headers = { prefer: "respond-async, wait=60", "idempotency-key": "mine" };
    const asking = fetch(`${site.proxy.url}/slow?fetch`, { method: "POST", headers, body: "a" });
    await go("fetched");
    const done = await asking;
    assert.deepEqual([done.status, await done.text()], [201, "fetched\na"]);
    assert.equal(done.headers.get("x-key"), "mine");
    const again = await fetch(`${site.proxy.url}/slow?fetch`, { method: "POST", headers, body: "a" });
    assert.equal(await again.text(), "fetched\na");
  });

  clientTest(PYTHON_REQUESTS, "Python's requests does all of that", async (_, python) => {
    await using script = new PythonScript(python, "proxy.py", [site.proxy.url]);
    for (const name of ["one", "two"]) {
      const go = site.slow(name);
      script.tell(name);
      assert.equal(await script.line(), `asked ${name}`);
      await go(`line of ${name}`);
      assert.equal(await script.line(), `answered ${name}`);
    }
    await script.succeed();
  });
});

clientTest(NGINX, "events and WebSockets pass through nginx, the proxy and nginx", async (_, command) => {
  const watcher = Promise.withResolvers<ServerResponse>();
  const upstream = createServer((request, response) => {
    response.writeHead(200, { "content-type": "text/event-stream", "x-path": request.url });
    response.write("id: 1\ndata: first\n\n");
    watcher.resolve(response);
  });
  upstream.on("upgrade", answerWebSocket);
  await once(upstream.listen(0, "127.0.0.1"), "listening");
  const there = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
  try {
    const upgrades = "proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade;";
    const passes = (url: string): string =>
      `location / { proxy_pass ${url}; ${upgrades} proxy_buffering off; }
       location /chat { proxy_pass ${url}; ${upgrades} proxy_set_header Connection upgrade; }`;
    await using inner = await startNginx(command, passes(there));
    await using proxy = await startProxyProcess({ upstream: inner.url, store: "sqlite::memory:" });
    await using outer = await startNginx(command, passes(proxy.url));
    const events = new EventSource(`${outer.url}/events`);
    try {
      const [first] = (await once(events, "message")) as [MessageEvent];
      (await watcher.promise).write("id: 2\ndata: second\n\n");
      const [second] = (await once(events, "message")) as [MessageEvent];
      assert.deepEqual([first.data, second.data], ["first", "second"]);
    } finally {
      events.close();
    }
    const socket = new WebSocket(`${outer.url.replace("http", "ws")}/chat`);
    await once(socket, "open");
    socket.send("hello");
    const [{ data }] = (await once(socket, "message")) as [MessageEvent];
    assert.equal(data, "HELLO");
    const closed = once(socket, "close");
    socket.close();
    await closed;
  } finally {
    upstream.closeAllConnections();
    upstream.close();
  }
});
