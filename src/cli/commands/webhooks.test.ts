import assert from "node:assert/strict";
import { test } from "node:test";
import { allAre, openWorld } from "../../webhooks/world.suite.ts";
import { EXIT } from "../exit.ts";
import { aWorld } from "../world.suite.ts";

test("endpoints are created, listed, pinged and removed, and deliveries are repeated", async () => {
  await using server = await openWorld();
  const run = async (...words: readonly string[]): Promise<string> => {
    using world = aWorld({ environment: { LONGRUNNING_SERVER: server.server.url } });
    assert.equal(await world.run("webhooks", ...words), EXIT.succeeded, world.err());
    return world.out();
  };
  const { url } = server.receiver;
  const made = JSON.parse(await run("create", "projects/p", "--id", "billing", "--url", url)) as Shown;
  assert.match(made.secret, /^whsec_/);
  const { name } = made;
  assert.match(await run("list", "projects/p"), new RegExp(`^${name} +ENABLED +${url}`));
  assert.equal((JSON.parse(await run("get", name)) as Shown).secret, undefined);
  assert.notEqual((JSON.parse(await run("rotate-secret", name)) as Shown).secret, made.secret);
  await run("ping", name);
  await server.deliveries(name, allAre(1, "SUCCEEDED"));
  const [line = ""] = (await run("deliveries", name)).split("\n");
  assert.match(line, /SUCCEEDED +endpoint\.ping/);
  const listed = JSON.parse(await run("deliveries", name, "--output", "json")) as { deliveries: Shown[] };
  await run("redeliver", listed.deliveries[0]?.name ?? "");
  await server.deliveries(name, allAre(2, "SUCCEEDED"));
  await run("delete", name);
  using gone = aWorld({ environment: { LONGRUNNING_SERVER: server.server.url } });
  assert.equal(await gone.run("webhooks", "get", name), EXIT.notFound);
  assert.equal(await gone.run("webhooks", "list"), EXIT.succeeded);
  assert.match(gone.err(), /There are no webhook endpoints/);
});

test("a server without webhooks and an invalid name are reported with the remedy", async () => {
  for (const [words, reason] of [
    [["list", "projects/p"], "PATH_NOT_FOUND"],
    [["ping", "projects/p/webhookEndpoints/x"], "METHOD_NOT_FOUND"],
  ] as const) {
    const details = [{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason, domain: "longrunning" }];
    const error = { code: 404, status: "NOT_FOUND", message: "Nothing is there.", details };
    using world = aWorld({ fetch: async () => Response.json({ error }, { status: 404 }) });
    assert.equal(await world.run("webhooks", ...words), EXIT.notFound);
    assert.match(world.err(), /NOT_FOUND: Nothing is there\.\nThe server must run with --webhooks;/);
  }
});

test("operators list the endpoints of all parents, with the results of deliveries", async () => {
  const secrets = [`whsec_${"A".repeat(44)}`];
  const webhookEndpoints = [{ id: "hosts", callbackHosts: ["hooks.example.com"], secrets }];
  await using server = await openWorld({ webhookEndpoints });
  const [{ name: good }, { name: bad }] = [
    await server.endpoint({}, "projects/a"),
    await server.endpoint({}, "projects/b"),
  ];
  await server.call("POST", `${good}:ping`, {});
  await server.deliveries(good, allAre(1, "SUCCEEDED"));
  server.receiver.answer = (response) => void response.writeHead(410).end();
  await server.call("POST", `${bad}:ping`, {});
  await server.deliveries(bad, allAre(1, "FAILED"));
  using world = aWorld({ environment: { LONGRUNNING_SERVER: server.server.url } });
  assert.equal(await world.run("webhooks", "list-all"), EXIT.succeeded, world.err());
  const [first = "", second = "", third = "", ...more] = world.out().trimEnd().split("\n");
  assert.match(
    first,
    new RegExp(`^${good} +ENABLED +${server.receiver.url}/hook +1 delivered, 0 retrying, 0 failed`),
  );
  assert.match(
    second,
    new RegExp(`^${bad} +DISABLED .* 0 delivered, 0 retrying, 1 failed +The receiver answered 410`),
  );
  assert.match(third, /^webhookEndpoints\/hosts +ENABLED +hooks\.example\.com +0 delivered/);
  assert.deepEqual(more, []);
  using extra = aWorld({ environment: { LONGRUNNING_SERVER: server.server.url } });
  assert.equal(await extra.run("webhooks", "list-all", "projects/a"), EXIT.usage);
});

test("the operators' credential is sent", async () => {
  const sent: Headers[] = [];
  using world = aWorld({
    environment: { LONGRUNNING_ADMIN_TOKEN: "0123456789abcdef" },
    fetch: async (_url, init) => {
      sent.push(new Headers(init?.headers));
      return new Response("{}");
    },
  });
  assert.equal(await world.run("webhooks", "list", "projects/p"), EXIT.succeeded, world.err());
  assert.deepEqual(
    sent.map((headers) => headers.get("authorization")),
    ["Bearer 0123456789abcdef"],
  );
});

interface Shown {
  readonly name: string;
  readonly secret: string;
}
