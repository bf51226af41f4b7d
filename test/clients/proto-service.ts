import { writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { descriptorSetOf, type ProtoFiles, REDIS_PROTOS } from "../support/descriptors.ts";
import { type ServerProcess, startServerProcess } from "../support/server-process.ts";

/**
 * Handlers behind the real server, declared by Google's protos, in a temporary folder of its own.
 */
export class ProtoService implements AsyncDisposable {
  readonly folder: string;
  /** The descriptor set of the server. */
  readonly descriptors: string;
  readonly #server: ServerProcess;

  /** @param handlers a module in this folder, or in another folder of the repository */
  static async start(handlers: string, protos: ProtoFiles): Promise<ProtoService> {
    const folder = await mkdtemp(join(tmpdir(), "longrunning-protos-"));
    const descriptors = join(folder, "api.binpb");
    writeFileSync(descriptors, descriptorSetOf(protos));
    const file = fileURLToPath(new URL(handlers, import.meta.url));
    const store = `sqlite:${join(folder, "operations.db")}`;
    const flags = ["--descriptors", descriptors];
    return new ProtoService(folder, descriptors, await startServerProcess({ file, store, flags }));
  }

  private constructor(folder: string, descriptors: string, server: ServerProcess) {
    this.folder = folder;
    this.descriptors = descriptors;
    this.#server = server;
  }

  get url(): string {
    return this.#server.url;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** The example of Cloud Redis. */
export function startRedis(): Promise<ProtoService> {
  return ProtoService.start("../../examples/redis/redis.ts", REDIS_PROTOS);
}
