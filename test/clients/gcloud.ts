import { execFile, execFileSync } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { ProtoService } from "./proto-service.ts";
import { type CallName, type Facts, tell } from "./report/facts.ts";

const run = promisify(execFile);

/** The APIs whose addresses are replaced by ours. */
const APIS = ["DATAPROC", "FILE", "MEMCACHE", "REDIS", "WORKFLOWS"];

/** An operation as gcloud prints it. */
export interface Printed {
  readonly name: string;
  readonly done?: boolean;
  readonly error?: { readonly code: number };
  readonly metadata: { readonly verb: string; readonly target: string; readonly statusDetail?: string };
}

/** A server, and a folder for the settings of gcloud. */
interface Served extends Pick<ProtoService, "url" | "folder"> {
  /** Whether it has an access token; otherwise it has no credentials. */
  readonly tokenFile?: string;
}

/** The result of a command. */
export interface Ran<Answer> {
  /** Its output with `--format=json`. */
  readonly answer: Answer;
  /** Its messages about its progress. */
  readonly said: string;
}

/**
 * Google's command line. It talks only to our server: no telemetry, no updates, and only the given
 * credentials.
 */
export class Gcloud {
  readonly #command: string;
  readonly #environment: Readonly<Record<string, string | undefined>>;
  readonly #signal: AbortSignal;
  readonly #product: string;
  /** The location of the product's resources, such as `--region=l`. */
  readonly #where: string;

  /** @param signal of the test: it also ends the test's commands */
  constructor(
    command: string,
    { url, folder, tokenFile }: Served,
    signal: AbortSignal,
    [product, where]: readonly [string, string],
  ) {
    this.#command = command;
    this.#signal = signal;
    this.#product = product;
    this.#where = where;
    this.#environment = {
      PATH: process.env["PATH"],
      CLOUDSDK_CONFIG: join(folder, "gcloud"),
      ...(tokenFile === undefined
        ? { CLOUDSDK_AUTH_DISABLE_CREDENTIALS: "true" }
        : { CLOUDSDK_AUTH_ACCESS_TOKEN_FILE: tokenFile }),
      CLOUDSDK_CORE_CHECK_GCE_METADATA: "false",
      CLOUDSDK_CORE_DISABLE_PROMPTS: "true",
      CLOUDSDK_CORE_DISABLE_USAGE_REPORTING: "true",
      CLOUDSDK_CORE_PROJECT: "p",
      CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK: "true",
      ...Object.fromEntries(APIS.map((api) => [`CLOUDSDK_API_ENDPOINT_OVERRIDES_${api}`, `${url}/`])),
    };
  }

  /**
   * Runs a command of the product, such as `instances list`; rejects with its messages if it fails.
   */
  async run<Answer>(...command: readonly string[]): Promise<Ran<Answer>> {
    const words = [this.#product, ...command, this.#where, "--format=json"];
    const { stdout, stderr } = await run(this.#command, words, {
      env: this.#environment,
      signal: this.#signal,
    });
    return { answer: (stdout === "" ? undefined : JSON.parse(stdout)) as Answer, said: stderr };
  }

  /** Records what a test has seen of the product's commands. */
  tell(calls: readonly CallName[], shown: Partial<Facts> = {}): void {
    const words = ["version", "--format=value('Google Cloud SDK')"];
    const version = execFileSync(this.#command, words, { encoding: "utf8" }).trim();
    tell({ client: `gcloud ${this.#product}`, version, transport: "REST", calls, ...shown });
  }
}
