import { CALLS, type Role, serveRole } from "../peers/adapters/longrunning.ts";
import { cpuMs } from "../peers/cpu.ts";
import { type Loaded, run } from "../peers/load.ts";
import type { Program } from "../processes/build.ts";

/** The number of processes of each role. */
export interface Shape {
  readonly apis: number;
  readonly workers: number;
}

/** The served methods, and the store of the operations. */
export interface ServiceParts {
  readonly program: Program;
  readonly address: string;
  readonly shape: Shape;
}

type Started = Awaited<ReturnType<typeof serveRole>>;

/** Our processes on one database, each started by the command line. */
export class Service implements AsyncDisposable {
  readonly #processes: Started[] = [];

  static async start(parts: ServiceParts): Promise<Service> {
    const { shape } = parts;
    const service = new Service();
    try {
      // One by one: each start takes a whole processor, and the first one creates the schema.
      for (let count = 0; count < shape.apis; count++) await service.#start("api", parts);
      for (let count = 0; count < shape.workers; count++) await service.#start("worker", parts);
    } catch (error) {
      await service[Symbol.asyncDispose]();
      throw error;
    }
    return service;
  }

  /** CPU of all processes so far. */
  cpuMs(): number {
    return cpuMs(this.#processes.map(({ pid }) => pid));
  }

  /** Callers, spread over the API processes, that start an operation, wait for it, and repeat. */
  load(callers: number, seconds: number): Promise<Loaded> {
    const urls = this.#processes.map(({ url }) => url).filter((url) => url !== "");
    return run({ urls, calls: CALLS }, { callers, seconds });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#processes.map(({ stop }) => stop()));
  }

  async #start(role: Role, { program, address }: ServiceParts): Promise<void> {
    this.#processes.push(await serveRole({ program, store: { address } }, role));
  }
}
