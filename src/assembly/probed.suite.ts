import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import { Client, credentials } from "@grpc/grpc-js";
import { service } from "grpc-health-check";
import type { Teller } from "../core/teller.ts";

/** The address of the next port that is opened, known before there is a store. */
export function portOpened(teller: Teller): Promise<string> {
  return new Promise((resolve) => {
    const unwatch = teller.watch(
      (...[name, fields]) => {
        if (name !== "port.opened") return;
        unwatch();
        resolve(fields.url);
      },
      ["port.opened"],
    );
  });
}

/** The answers of all probes of a server. */
export interface Probed {
  readonly live: string;
  /** `ok`, or the failures by check. */
  readonly ready: string | Readonly<Record<string, string>>;
  readonly grpc: string;
}

export const WELL: Probed = { live: "ok", ready: "ok", grpc: "SERVING" };

/** Asks every probe of a server, like curl, and its health service, until they agree. */
export async function probed(url: string): Promise<Probed> {
  const [live, ready, health, grpc] = await Promise.all([
    asked(`${url}/livez`),
    asked(`${url}/readyz`),
    asked(`${url}/healthz`),
    checked(url),
  ]);
  // Something happened between two of the answers.
  const isSame = isDeepStrictEqual(health, ready) && (ready === "ok") === (grpc === "SERVING");
  if (!isSame) return probed(url);
  if (typeof live !== "string") assert.fail("not alive");
  return { live, ready, grpc };
}

/** Asks until the probes fulfil a condition. */
export async function untilProbed(url: string, isSo: (said: Probed) => boolean): Promise<Probed> {
  for (;;) {
    const said = await probed(url).catch((error: unknown) => {
      // The port is not open yet.
      if (error instanceof TypeError && error.message === "fetch failed") return undefined;
      throw error;
    });
    if (said !== undefined && isSo(said)) return said;
  }
}

/** The failure of a check; empty if it succeeds. */
export function failureOf(said: Probed, check: string): string {
  return typeof said.ready === "string" ? "" : (said.ready[check] ?? "");
}

async function asked(url: string): Promise<string | Readonly<Record<string, string>>> {
  const answer = await fetch(url, { headers: { connection: "close" } });
  const body = await answer.text();
  if (answer.status === 200) return body;
  assert.equal(answer.status, 503);
  const failed = body.matchAll(/^\[-\](\w+) failed: (.+)$/gm);
  return Object.fromEntries([...failed].map(([, name = "", failure = ""]) => [name, failure]));
}

async function checked(url: string): Promise<string> {
  const client = new Client(new URL(url).host, credentials.createInsecure());
  const { path, requestSerialize, responseDeserialize } = service["Check"] ?? assert.fail("no such call");
  try {
    return await new Promise<string>((resolve, reject) => {
      client.makeUnaryRequest(
        path,
        requestSerialize,
        (bytes: Buffer) => (responseDeserialize(bytes) as { status: string }).status,
        { service: "" },
        (error, status) => (error === null ? resolve(status ?? "") : reject(error)),
      );
    });
  } finally {
    client.close();
  }
}

/** Watches the health of a server over gRPC. Its statuses are appended to `told`. */
export function watchHealth(url: string): { readonly told: readonly string[]; stop(): void } {
  const client = new Client(new URL(url).host, credentials.createInsecure());
  const { path, requestSerialize, responseDeserialize } = service["Watch"] ?? assert.fail("no such call");
  const read = (bytes: Buffer): string => (responseDeserialize(bytes) as { status: string }).status;
  const stream = client.makeServerStreamRequest(path, requestSerialize, read, { service: "" });
  const told: string[] = [];
  stream.on("data", (status: string) => told.push(status));
  stream.on("error", () => {});
  return { told, stop: () => client.close() };
}
