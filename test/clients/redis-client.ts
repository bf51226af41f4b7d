import { CloudRedisClient } from "@google-cloud/redis";
import { credentials } from "@grpc/grpc-js";
import * as gax from "google-gax";

/**
 * Google's own client library for Cloud Redis, connected to our server. @param fallback REST
 * instead of gRPC
 */
export function connectRedis(url: string, fallback: boolean): CloudRedisClient {
  const { hostname, port } = new URL(url);
  // Otherwise the client looks for credentials of the machine, in the network as well.
  const { PassThroughClient, GoogleAuth } = gax.googleAuthLibrary;
  const auth = new GoogleAuth({ authClient: new PassThroughClient() });
  const transport = fallback
    ? { fallback: true, protocol: "http" }
    : { sslCreds: credentials.createInsecure() };
  return new CloudRedisClient({ apiEndpoint: hostname, port: Number(port), auth, ...transport });
}
