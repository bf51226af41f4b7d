import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { suite, test } from "node:test";
import { createClient } from "../../../src/client/index.ts";
import { AnswerCache } from "../../../src/server/answer-cache.ts";
import { RulesError } from "../../../src/access/rules.ts";
import { startTestServer } from "../../../src/testing/test-server.ts";
import { openCredentialsServer } from "../credentials/credentials-server.ts";
import { type AccessServer, openAccessServer, RULES, type Sent, work } from "./tenants.ts";

const done = async (server: AccessServer, parent: string, text = "x"): Promise<string> => {
  const { name } = await server.operations.start(work, { text }, { parent });
  if (text !== "hold") await server.operations.wait(name);
  return name;
};

/** The names in the answer to a list. */
const listed = ({ body }: Sent): string[] =>
  ((body as { operations?: { name: string }[] }).operations ?? []).map(({ name }) => name).toSorted();

/** Its headers, without the date. */
const plain = ({ headers }: Sent): unknown => [...headers].filter(([header]) => header !== "date");

const reasonOf = ({ body }: Sent): unknown =>
  (body as { error: { details: { reason: string }[] } }).error.details[0]?.reason;

suite("rules of access", () => {
  test("keep tenants apart, and answer the same for existing and missing operations", async () => {
    await using server = await openAccessServer();
    const name = await done(server, "projects/a");
    const missing = `${name.slice(0, -3)}fff`;
    for (const [method, verb, body] of [
      ["GET", "", undefined],
      ["DELETE", "", undefined],
      ["POST", ":cancel", {}],
      ["POST", ":wait", {}],
    ] as const) {
      for (const who of ["bob", ""]) {
        const sent = await server.send(who, method, `/v1/${name}${verb}`, body);
        const other = await server.send(who, method, `/v1/${missing}${verb}`, body);
        assert.equal(sent.status, who === "" ? 401 : 403);
        assert.equal(reasonOf(sent), who === "" ? "CREDENTIALS_MISSING" : "IAM_PERMISSION_DENIED");
        assert.equal(other.text, sent.text.replaceAll(name, missing));
        assert.deepEqual(plain(other), plain(sent));
      }
    }
    assert.equal((await server.send("ada", "GET", `/v1/${missing}`)).status, 404);
    assert.equal((await server.send("ada", "DELETE", `/v1/${name}`)).status, 200);
  });

  test("let a viewer read and a caller start", async () => {
    await using server = await openAccessServer();
    const name = await done(server, "projects/a");
    assert.equal((await server.send("vera", "GET", `/v1/${name}`)).status, 200);
    assert.equal((await server.send("vera", "POST", `/v1/${name}:cancel`, {})).status, 403);
    assert.equal((await server.send("vera", "POST", "/v1/projects/a:work", { text: "x" })).status, 403);
    assert.equal((await server.send("ada", "POST", "/v1/projects/a:work", { text: "x" })).status, 200);
    assert.equal((await server.send("ada", "POST", "/v1/projects/b:work", { text: "x" })).status, 403);
    assert.equal((await server.send("ada", "POST", "/v1:work", { text: "x" })).status, 403);
    // Refused before the request is looked at.
    assert.equal((await server.send("ada", "POST", "/v1/projects/b:work", { nothing: 1 })).status, 403);
    assert.equal((await server.send("ada", "POST", "/v1/projects/b:nothing", {})).status, 403);
  });

  test("show only those parts of a list over all collections that the caller may list, over REST and gRPC", async () => {
    await using server = await openAccessServer();
    const a = [await done(server, "projects/a"), await done(server, "projects/a/locations/l")].toSorted();
    const b = await done(server, "projects/b");
    const all = [...a, b, await done(server, "")].toSorted();
    for (const [who, expected] of [
      ["ada", a],
      ["bob", [b]],
      ["olga", all],
    ] as const)
      assert.deepEqual(listed(await server.send(who, "GET", "/v1/-/operations")), expected, who);
    const oneOf = listed(await server.send("ada", "GET", "/v1/projects/-/operations"));
    assert.deepEqual(oneOf, [a.find((each) => !each.includes("locations"))]);
    const below = await server.send("ada", "GET", "/v1/projects/a/locations/-/operations");
    assert.deepEqual(listed(below), [a.find((each) => each.includes("locations"))]);
    for (const path of ["/v1/operations", "/v1/projects/b/operations", "/v1/folders/-/operations"])
      assert.equal((await server.send("ada", "GET", path)).status, 403, path);
    const headers = { "x-user": "ada" };
    const client = createClient(server.url.replace("http:", "grpc:"), { headers });
    const page = await client.listPage({ parent: "-" });
    assert.deepEqual(page.operations.map(({ name }) => name).toSorted(), a);
    await assert.rejects(client.get(b), { code: "PERMISSION_DENIED", reason: "IAM_PERMISSION_DENIED" });
    client.close();
  });

  test("apply to cached answers, to the parts of a batch, and to each of many starts", async () => {
    await using server = await openAccessServer();
    const name = await done(server, "projects/a");
    for (const who of ["ada", "ada", "bob", "vera", ""]) {
      const { status } = await server.send(who, "GET", `/v1/${name}`);
      assert.equal(status, who === "" ? 401 : who === "bob" ? 403 : 200);
    }
    const part = `content-type: application/http\r\n\r\nGET /v1/${name} HTTP/1.1\r\n`;
    const batch = await fetch(`${server.url}/batch`, {
      method: "POST",
      headers: { "content-type": "multipart/mixed; boundary=b", "x-user": "bob" },
      body: `--b\r\n${part}\r\n\r\n--b\r\n${part}x-user: ada\r\n\r\n\r\n--b--\r\n`,
    });
    const statuses = [...(await batch.text()).matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => status);
    // The server's function reads the caller from a header, which a proxy sets; a header in a part
    // has no effect there.
    assert.deepEqual(statuses, ["403", "403"]);
    const starts = ["projects/a", "projects/b"].map((parent) => ({
      method: "work",
      parent,
      request: { text: "x" },
    }));
    const { body } = await server.send("ada", "POST", "/v1:startOperations", { requests: starts });
    const { results } = body as { results: { operation?: object; error?: { code: number } }[] };
    assert.deepEqual(
      results.map(({ operation, error }) => [operation !== undefined, error?.code]),
      [
        [true, undefined],
        [false, 7],
      ],
    );
  });

  test("are checked before the cache, so that the time of an answer reveals nothing", async (context) => {
    const grants = [{ members: ["serviceAccount:packer"], role: "caller", parent: "projects/a" }];
    await using server = await openCredentialsServer({}, { grants });
    const looked = context.mock.method(AnswerCache.prototype, "get");
    for (const headers of [{ "x-goog-api-key": server.key }, {}])
      for (const parent of ["projects/a", "projects/b"]) {
        const { name } = await server.operations.start(work, { text: "x" }, { parent });
        for (const asked of [name, name, `${name.slice(0, -3)}fff`]) {
          looked.mock.resetCalls();
          await fetch(`${server.url}/v1/${asked}`, { headers }).then((answer) => answer.text());
          const overRest = looked.mock.callCount();
          const client = createClient(server.url.replace("http:", "grpc:"), { headers });
          await client.get(asked).catch(() => undefined);
          client.close();
          const both = [overRest > 0, looked.mock.callCount() > overRest];
          const isAllowed = parent === "projects/a" && "x-goog-api-key" in headers;
          assert.deepEqual(both, [isAllowed, isAllowed], `${asked} with ${JSON.stringify(headers)}`);
        }
      }
  });

  test("tell a caller that may get but not list nothing about missing operations", async () => {
    await using server = await openAccessServer();
    const name = await done(server, "projects/a");
    assert.equal((await server.send("reader", "GET", `/v1/${name}`)).status, 200);
    const missing = await server.send("reader", "GET", `/v1/${name.slice(0, -3)}fff`);
    assert.equal(missing.status, 403);
    assert.equal(reasonOf(missing), "IAM_PERMISSION_DENIED");
  });

  test("are reloaded: waiting calls are decided again, and invalid rules change nothing", async () => {
    await using server = await openAccessServer();
    const name = await done(server, "projects/a", "hold");
    const waiting = server.send("ada", "POST", `/v1/${name}:wait`, { timeout: "50s" });
    while (server.operations.metrics !== undefined && !/waiters 1/.test(await server.operations.metrics()))
      await new Promise((resolve) => setImmediate(resolve));
    writeFileSync(server.file, RULES.replace("role: caller", "role: emperor"));
    await assert.rejects(server.operations.reloadAccess(), RulesError);
    assert.equal((await server.send("ada", "GET", `/v1/${name}`)).status, 200);
    writeFileSync(server.file, RULES.replace("user:ada", "user:eve"));
    await server.operations.reloadAccess();
    assert.equal((await waiting).status, 403);
    assert.equal((await server.send("ada", "GET", `/v1/${name}`)).status, 403);
    assert.equal((await server.send("eve", "GET", `/v1/${name}`)).status, 200);
  });

  test("keep a server from starting if they are invalid", async () => {
    await assert.rejects(openAccessServer("grants: [1]"), { name: "RulesError" });
    await assert.rejects(startTestServer([work], { access: { rules: "/no/such/file" } }), {
      message: /^The access rules "\/no\/such\/file" cannot be read: ENOENT/,
    });
  });
});

test("can be replaced by a function of the program, which decides at once or later", async () => {
  for (const isSlow of [false, true]) {
    const authorize = ({ caller, resource }: { caller: { principal: string }; resource: string }) => {
      const may = resource.startsWith("projects/a") && caller.principal === "user:ada";
      return isSlow ? Promise.resolve(may) : may;
    };
    await using server = await openAccessServer("", {
      access: {
        authenticate: async ({ headers }) => ({ principal: `user:${String(headers["x-user"])}` }),
        authorize,
      },
    });
    const name = await done(server, "projects/a");
    for (const who of ["ada", "ada", "bob"])
      assert.equal((await server.send(who, "GET", `/v1/${name}`)).status, who === "bob" ? 403 : 200);
    assert.equal((await server.send("ada", "POST", "/v1/projects/b:work", { text: "x" })).status, 403);
  }
});
