import { writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { descriptorSetOf, REDIS_PROTOS } from "../support/descriptors.ts";
import { type ServerProcess, startServerProcess } from "../support/server-process.ts";

const EXAMPLE = fileURLToPath(new URL("../../examples/redis/redis.ts", import.meta.url));

/** The example of Cloud Redis behind the real server, from Google's protos, in a folder of its own that goes with it. */
export class RedisService implements AsyncDisposable {
  readonly folder: string;
  /** The descriptor set that it is served from. */
  readonly descriptors: string;
  readonly #server: ServerProcess;

  static async start(): Promise<RedisService> {
    const folder = await mkdtemp(join(tmpdir(), "longrunning-redis-"));
    const descriptors = join(folder, "api.binpb");
    writeFileSync(descriptors, descriptorSetOf(REDIS_PROTOS));
    const store = `sqlite:${join(folder, "operations.db")}`;
    const flags = ["--descriptors", descriptors];
    return new RedisService(folder, descriptors, await startServerProcess({ file: EXAMPLE, store, flags }));
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
