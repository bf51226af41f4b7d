import assert from "node:assert/strict";
import { after, suite, test } from "node:test";
import { z } from "zod";
import { defineMethod } from "../../src/index.ts";
import { openRestServer, type RestServer, TRANSPORTS } from "../../src/server/rest/rest-server.suite.ts";
import type { RestOptions } from "../../src/server/rest/edge.ts";
import { IS_LONG } from "../support/long.ts";

/**
 * One fact of the contract: a request and the required answer. In addresses, bodies and
 * expectations `{name}` stands for an operation at the root, `{parent}` for a collection and
 * `{child}` for an operation in it.
 */
export interface Fact {
  /** The sentence of the contract. */
  readonly fact: string;
  /** HTTP method and address. */
  readonly send: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** @default 200 */
  readonly status?: number;
  /** What the body must match. */
  readonly has?: RegExp | string;
  readonly lacks?: RegExp;
  /** The whole body as JSON. */
  readonly json?: unknown;
  /** Headers of the answer by name in lower case; null for a header that must be absent. */
  readonly answers?: Readonly<Record<string, string | null>>;
  /**
   * The options of a server for this fact alone, on which no other fact has started operations.
   * @default the server of the section
   */
  readonly server?: Partial<RestOptions>;
}

export const PARENT = "projects/p/locations/l";

const createArchive = defineMethod({
  name: "createArchive",
  request: z.strictObject({ directory: z.string() }),
  run() {},
});

/** `npm test` leaves out HTTP/2 without TLS, because the same code answers as with TLS. */
const OVER = IS_LONG ? TRANSPORTS : TRANSPORTS.filter((transport) => transport !== "h2c");

/**
 * Tests the facts of one section over each transport. Facts share a server, because opening one
 * takes longer than a fact, and each has operations of its own.
 */
export function section(title: string, facts: readonly Fact[]): void {
  for (const transport of OVER) {
    suite(`contract ${title} over ${transport}`, () => {
      let shared: Promise<RestServer> | undefined;
      after(async () => (await shared)?.[Symbol.asyncDispose]());
      for (const fact of facts)
        test(`${fact.fact} [${fact.send.slice(0, 80)}]`, async () => {
          if (fact.server === undefined) {
            await check(fact, await (shared ??= openRestServer([createArchive], {}, transport)));
            return;
          }
          await using server = await openRestServer([createArchive], fact.server, transport);
          await check(fact, server);
        });
    });
  }
}

async function check(fact: Fact, server: RestServer): Promise<void> {
  const start = async (parent?: string): Promise<string> => await server.start(parent);
  const words: Readonly<Record<string, string>> = {
    name: await start(),
    child: await start(PARENT),
    parent: PARENT,
    url: server.url,
  };
  const filled = (text: string): string =>
    text.replaceAll(/\{(%?)(name|child|parent|url)\}/g, (_, encoded: string, word: string) =>
      encoded === "" ? (words[word] ?? "") : encodeURIComponent(words[word] ?? ""),
    );
  const [method = "", address = ""] = fact.send.split(" ");
  const sent = {
    ...(fact.headers === undefined ? {} : { headers: { ...fact.headers } }),
    ...(fact.body === undefined ? {} : { body: filled(fact.body) }),
  };
  const { status, headers, text } = await server.call(method, filled(address), sent);
  assert.equal(status, fact.status ?? 200, text);
  const { has, lacks, json, answers = {} } = fact;
  if (typeof has === "string") assert.ok(text.includes(filled(has)), text);
  if (has instanceof RegExp) assert.match(text, has);
  if (lacks !== undefined) assert.doesNotMatch(text, lacks);
  if (json !== undefined) assert.deepEqual(JSON.parse(text), JSON.parse(filled(JSON.stringify(json))));
  for (const [header, value] of Object.entries(answers)) assert.equal(headers.get(header), value, header);
}
