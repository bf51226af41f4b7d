import type { Duration } from "../core/value/duration.ts";

/** A URL that executes a method. */
export interface HttpTargetOptions {
  /** `https:` or `http:`. Requests are posted to it. */
  readonly url: string;
  /** The time for the target's whole answer, from 1 millisecond to a day. @default "10m" */
  readonly timeout?: Duration;
  /** The credential that authenticates the service to the target. @default none */
  readonly auth?: HttpTargetAuth;
  /** Headers of every request, at most 50. Headers that the service fills are not allowed. */
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * The URL that is called when the answer is no longer needed: the operation was cancelled, its
   * deadline passed, or the worker stops. @default none
   */
  readonly cancelUrl?: string;
}

/** One of three kinds of credential. */
export type HttpTargetAuth =
  /**
   * Signs each request according to Standard Webhooks: `whsec_` and 24 to 64 bytes in base64. With
   * several secrets, up to 5, each adds a signature, so that a secret can be replaced.
   */
  | { readonly secret: string | readonly string[] }
  /** Sent as `Authorization: Bearer …`. */
  | { readonly bearer: string }
  /** An identity token (OpenID Connect), sent as `Authorization: Bearer …`. */
  | { readonly oidc: IdentityTokenOptions };

/** The source of an identity token: a file, a command, or the metadata server of Google Cloud. */
export type IdentityTokenOptions =
  /**
   * A file with a token that another program keeps up to date, such as a projected token of a
   * Kubernetes service account. The file is read for each request.
   */
  | { readonly tokenFile: string }
  /** A program and its arguments, run without a shell, that prints a token within 10 s: `["gcloud", "auth", "print-identity-token"]`. */
  | { readonly exec: readonly string[] }
  /** The service account of the machine. */
  | {
      /** The audience of the token; for Cloud Run, the URL of the service. */
      readonly audience: string;
      /** @default "http://metadata.google.internal" */
      readonly metadataServer?: string;
    };
