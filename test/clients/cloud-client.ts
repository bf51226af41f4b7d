import { createRequire } from "node:module";
import type * as Gax from "google-gax";
import { protosOf } from "../support/descriptors.ts";

/** The services that `cloud-handlers.ts` implements. */
export const CLOUD_PROTOS = protosOf({
  memcache: "google/cloud/memcache/v1/cloud_memcache.proto",
  alloydb: "google/cloud/alloydb/v1/service.proto",
  workflows: "google/cloud/workflows/v1/workflows.proto",
  dataproc: "google/cloud/dataproc/v1/clusters.proto",
});

/** The service that `filestore-handlers.ts` implements. */
export const FILESTORE_PROTOS = protosOf({
  filestore: "google/cloud/filestore/v1/cloud_filestore_service.proto",
});

/** The protocol of a Google client. */
export type CloudTransport = "gRPC" | "REST";

/** A dependency of google-gax, and not one of ours. */
const AUTH_LIBRARY = "google-auth-library";

/**
 * The options with which an unmodified Google client, of any age, calls our server and looks for no
 * credentials.
 *
 * @param name of the package, such as `memcache`: each has the google-gax that it was built for
 */
export function cloudOptions(name: string, url: string, transport: CloudTransport): Record<string, never> {
  const { hostname, port } = new URL(url);
  const path = createRequire(import.meta.url).resolve(`@google-cloud/${name}`);
  const require = createRequire(path);
  const { grpc } = require("google-gax") as typeof Gax;
  const { GoogleAuth, OAuth2Client } = require(AUTH_LIBRARY) as typeof Gax.googleAuthLibrary;
  const authClient = new OAuth2Client();
  authClient.setCredentials({ access_token: "none", expiry_date: Number.MAX_SAFE_INTEGER });
  const auth = new GoogleAuth({ authClient, projectId: "p" });
  const over =
    transport === "REST"
      ? { fallback: "rest", protocol: "http" }
      : { sslCreds: grpc.credentials.createInsecure() };
  const options: object = { apiEndpoint: hostname, port: Number(port), auth, ...over };
  return options as Record<string, never>;
}
