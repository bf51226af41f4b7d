import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { suite, test } from "node:test";
import { EVENT_TYPES, FORMATS } from "../src/webhooks/endpoints/endpoint.ts";
import { systemClock } from "../src/core/ports/clock.ts";
import { isGenuine as isSigned } from "./clients/webhook-public-key.ts";
import { allAre, openWorld } from "../src/webhooks/world.suite.ts";

const PAGE = readFileSync(new URL("../docs/webhooks.md", import.meta.url), "utf8");

/** The fenced blocks of a language. */
function fenced(language: string): readonly string[] {
  return [...PAGE.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, "gms"))].map(
    ([, code = ""]) => code,
  );
}

suite("docs/webhooks.md", () => {
  test("shows a receiver that accepts exactly the events that the service sends", async () => {
    const file = new URL("clients/webhook-receiver.ts", import.meta.url);
    assert.equal(fenced("ts")[0], readFileSync(file, "utf8"));
    const secret = `whsec_${Buffer.alloc(32, 9).toString("base64")}`;
    process.env["WEBHOOK_SECRET"] = secret;
    const { receiver } = (await import(file.href)) as typeof import("./clients/webhook-receiver.ts");
    receiver.listen(0, "127.0.0.1");
    await once(receiver, "listening");
    const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hooks`;
    const [shown] = JSON.parse(fenced("json")[0] ?? "") as [object];
    const webhookEndpoints = [{ ...shown, url, secrets: [secret] }] as never;
    try {
      await using world = await openWorld({ clock: systemClock, webhookEndpoints });
      await world.start();
      await world.deliveries("projects/p/webhookEndpoints/billing", allAre(1, "SUCCEEDED"));
      assert.equal((await fetch(url, { method: "POST", body: "{}" })).status, 401);
    } finally {
      receiver.close();
    }
  });

  test("shows how a receiver verifies signatures with a public key", async () => {
    const file = new URL("clients/webhook-public-key.ts", import.meta.url);
    assert.deepEqual(fenced("ts").slice(1), [readFileSync(file, "utf8")]);
    await using world = await openWorld({ clock: systemClock });
    const given = { url: world.receiver.url, signature: "V1A" };
    const { body } = await world.call("POST", "projects/p/webhookEndpoints", given);
    const [key] = body.publicKeys as readonly [string];
    await world.start();
    const [arrival] = await world.receiver.until(1);
    const headers = arrival?.headers as Record<string, string>;
    const isGenuine = (change: object, text = arrival?.body ?? ""): boolean =>
      isSigned(key, { ...headers, ...change }, Buffer.from(text));
    assert.ok(isGenuine({}));
    assert.ok(!isGenuine({}, "{}"));
    for (const [name, value] of [
      ["webhook-id", "evt_1"],
      ["webhook-timestamp", "1"],
      ["webhook-timestamp", "soon"],
      ["webhook-signature", "v1,AAAA v1a,AAAA"],
    ] as const)
      assert.ok(!isGenuine({ [name]: value }), `${name}: ${value}`);
  });

  test("shows an endpoint for callbacks that the settings accept", async () => {
    const [shown] = JSON.parse(fenced("json")[1] ?? "") as [object];
    const secrets = [`whsec_${Buffer.alloc(32, 9).toString("base64")}`];
    await using world = await openWorld({ webhookEndpoints: [{ ...shown, secrets }] as never });
    const start = (host: string): Promise<{ readonly status: number }> =>
      world.call("POST", `:echo?callbackUrl=https%3A%2F%2F${host}%2F&validateOnly=true`, {});
    assert.equal((await start("hooks.example.com")).status, 200);
    assert.equal((await start("a.example.org")).status, 200);
    assert.equal((await start("example.org")).status, 400);
  });

  test("shows an event as it arrives", async () => {
    await using world = await openWorld();
    await world.endpoint();
    await world.start();
    const [arrival] = await world.receiver.until(1);
    const [shown, real] = [fenced("json")[2] ?? "", arrival?.body ?? ""].map(
      (text) => JSON.parse(text) as { readonly data: object },
    );
    assert.ok(shown && real);
    assert.deepEqual(Object.keys(shown), Object.keys(real));
    assert.deepEqual(Object.keys(shown.data), Object.keys(real.data));
  });

  test("creates an endpoint with its own command, and names each type and format", async () => {
    await using world = await openWorld();
    const command = fenced("sh")[1] ?? "";
    const path = /\/v1\/(\S+)'/.exec(command)?.[1] ?? "";
    const made = await world.call("POST", path, JSON.parse(/-d '(.*)'/.exec(command)?.[1] ?? "") as object);
    assert.equal(made.body.name, "projects/p/webhookEndpoints/billing");
    for (const word of [...EVENT_TYPES, ...FORMATS]) assert.ok(PAGE.includes(`\`${word}\``), word);
  });
});
