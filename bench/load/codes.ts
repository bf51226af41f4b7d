import { Client, credentials, Metadata } from "@grpc/grpc-js";
import { Connection } from "./connection.ts";
import { getRequest, OPERATIONS } from "./grpc-connection.ts";

/** A connection that reports only the code of each answer: an HTTP status or a gRPC code. */
export interface CodeConnection extends Disposable {
  /** @param path of an operation, in its REST form */
  readonly call: (path: string) => Promise<number>;
}

/**
 * @param options.key of each call. @default none
 * @param options.verb such as `:cancel`; with it, calls are POSTs. @default none, so that calls are
 *   GETs
 */
export async function callOverRest(
  url: string,
  { key, verb }: { readonly key?: string; readonly verb?: string },
): Promise<CodeConnection> {
  const connection = await Connection.open(url);
  const head = key === undefined ? "" : `x-goog-api-key: ${key}\r\n`;
  const options = verb === undefined ? { head } : { head, body: "{}" };
  return {
    call: async (path) => (await connection.call(`${path}${verb ?? ""}`, options)).status,
    [Symbol.dispose]: () => connection.close(),
  };
}

const asIs = (bytes: Buffer): Buffer => bytes;

/** GetOperation over gRPC. */
export function callOverGrpc(url: string, { key }: { readonly key: string }): CodeConnection {
  const options = { "grpc.use_local_subchannel_pool": 1, "grpc.enable_channelz": 0 };
  const client = new Client(new URL(url).host, credentials.createInsecure(), options);
  const metadata = new Metadata();
  metadata.set("x-goog-api-key", key);
  const call: CodeConnection["call"] = (path) =>
    new Promise((resolve) => {
      const request = getRequest(path);
      client.makeUnaryRequest(`${OPERATIONS}/GetOperation`, asIs, asIs, request, metadata, (error) =>
        resolve(error?.code ?? 0),
      );
    });
  return { call, [Symbol.dispose]: () => client.close() };
}
