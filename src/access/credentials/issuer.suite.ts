import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import type { Issuer } from "./issuer.ts";

type KeyPair = Awaited<ReturnType<typeof generateKeyPair>>;

/** A test issuer's answer to a request for its keys. */
export type Answering = (response: ServerResponse) => void;

/** A token issuer, with a server for its keys. */
export class TestIssuer implements AsyncDisposable {
  readonly #server = createServer((_request, response) => {
    this.asked++;
    this.#told.resolve();
    this.answer(response);
  });
  readonly #pairs = new Map<string, KeyPair>();
  #told = Promise.withResolvers<void>();
  /** The number of requests for its keys. */
  asked = 0;
  /** The published keys, by id. */
  readonly keys = new Map<string, object>();
  /** The answer to requests. @default the published keys */
  answer: Answering = (response) => void response.end(JSON.stringify({ keys: [...this.keys.values()] }));

  static async open(): Promise<TestIssuer> {
    const issuer = new TestIssuer();
    issuer.#server.listen(0, "127.0.0.1");
    await once(issuer.#server, "listening");
    await issuer.addKey("a");
    return issuer;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/keys`;
  }

  /** The rules for this issuer. */
  rules(more: Partial<Issuer> = {}): Issuer {
    return {
      issuer: "https://issuer.example",
      audiences: ["lro.example.com"],
      keysUrl: this.url,
      algorithms: ["RS256", "ES256", "PS256", "EdDSA"],
      type: undefined,
      clockToleranceMs: 30_000,
      scopes: [],
      principal: { claim: "sub", prefix: "user:" },
      groups: { claim: "groups", prefix: "group:" },
      ...more,
    };
  }

  /** Makes a key, and publishes it under an id. */
  async addKey(kid: string, alg = "ES256"): Promise<void> {
    const pair = await generateKeyPair(alg, { extractable: true });
    this.#pairs.set(kid, pair);
    this.keys.set(kid, { ...(await exportJWK(pair.publicKey)), kid, alg, use: "sig" });
  }

  /** Signs a token that is valid for an hour from a time in milliseconds. */
  async sign(
    now: number,
    payload: { readonly [claim: string]: unknown } = {},
    header: {
      readonly kid?: string;
      readonly alg?: string;
      readonly typ?: string;
      readonly named?: false;
    } = {},
  ): Promise<string> {
    const { kid = "a", alg = "ES256", named = true, typ } = header;
    const seconds = Math.floor(now / 1_000);
    const claims = {
      iss: "https://issuer.example",
      aud: "lro.example.com",
      sub: "ada",
      exp: seconds + 3_600,
    };
    const pair = this.#pairs.get(kid) ?? (await generateKeyPair(alg));
    return new SignJWT({ ...claims, ...payload })
      .setProtectedHeader({ alg, ...(typ === undefined ? {} : { typ }), ...(named ? { kid } : {}) })
      .sign(pair.privateKey);
  }

  /** Resolves at the next request for its keys. */
  async untilAsked(): Promise<void> {
    this.#told = Promise.withResolvers();
    await this.#told.promise;
  }

  /** Stops the server. */
  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#server.listening) await this.close();
  }
}
