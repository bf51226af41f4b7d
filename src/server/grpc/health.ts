import type {
  handleServerStreamingCall,
  handleUnaryCall,
  MethodDefinition,
  sendUnaryData,
  Server,
  ServerWritableStream,
} from "@grpc/grpc-js";
import { HealthImplementation } from "grpc-health-check";
import { CODES } from "../../core/error/code.ts";
import { bytesDefinition } from "./service-shapes.ts";

/** As much of the package's implementation as is used of it, in its own messages. */
interface HealthCalls {
  readonly check: UnaryCall;
  readonly list: UnaryCall;
  readonly watch: (call: WatchCall) => void;
}
type UnaryCall = (call: { readonly request: unknown }, callback: sendUnaryData<unknown>) => void;
interface WatchCall {
  readonly request: unknown;
  write(message: unknown): void;
  on(event: "cancelled", listener: () => void): void;
}
type Method = MethodDefinition<unknown, unknown>;

const BROKEN = {
  code: CODES.INVALID_ARGUMENT,
  details: "The request's bytes are not a HealthCheckRequest.",
} as const;

/**
 * `grpc.health.v1.Health`: SERVING for the whole server (`""`) and for each service, NOT_SERVING once it drains or stops.
 *
 * Bytes are read here and not by grpc-js, which would call broken ones an error of the server.
 *
 * @see contract section 7
 */
export class Health {
  readonly #implementation: HealthImplementation;
  readonly #services: readonly string[];
  readonly #stopping: () => boolean;
  readonly #watches = new Set<ServerWritableStream<Buffer, Buffer>>();
  #draining = false;
  #stopped = false;

  /** @param stopping whether the service is being stopped, by whomever */
  constructor(services: readonly string[], stopping: () => boolean) {
    this.#services = ["", ...services];
    this.#stopping = stopping;
    this.#implementation = new HealthImplementation(
      Object.fromEntries(this.#services.map((service) => [service, "SERVING"])),
    );
  }

  addTo(server: Pick<Server, "addService">): void {
    const addService: Server["addService"] = (definition, given) => {
      const calls = given as unknown as HealthCalls;
      const { Check: check, List: list, Watch: watch } = definition;
      if (check === undefined || list === undefined || watch === undefined) {
        throw new TypeError("The health service has another shape");
      }
      server.addService(
        {
          Check: bytesDefinition(check.path),
          List: bytesDefinition(list.path),
          Watch: bytesDefinition(watch.path, { response: true }),
        },
        {
          Check: this.#unary(check, calls.check),
          List: this.#unary(list, calls.list),
          Watch: this.#watch(watch, calls.watch),
        },
      );
    };
    this.#implementation.addToServer({ addService });
  }

  /** Tells everybody that we are not serving for long, those who watch too, and goes on answering. */
  drain(): void {
    if (this.#draining) return;
    this.#draining = true;
    for (const service of this.#services) this.#implementation.setStatus(service, "NOT_SERVING");
  }

  /** Does the same, and ends the watches: a server with open calls cannot close. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.drain();
    for (const call of this.#watches) call.end();
    this.#watches.clear();
  }

  #unary(method: Method, answer: UnaryCall): handleUnaryCall<Buffer, Buffer> {
    return (call, callback) => {
      if (this.#stopping()) this.stop();
      const read = messageIn(method, call.request);
      if (read === undefined) return callback(BROKEN);
      answer(read, (error, message) => {
        callback(error, error === null ? method.responseSerialize(message) : undefined);
      });
    };
  }

  #watch(method: Method, answer: HealthCalls["watch"]): handleServerStreamingCall<Buffer, Buffer> {
    return (call) => {
      if (this.#stopping()) this.stop();
      const read = messageIn(method, call.request);
      if (read === undefined) return void call.emit("error", BROKEN);
      answer({
        request: read.request,
        write: (message) => void call.write(method.responseSerialize(message)),
        on: (event, listener) => void call.on(event, listener),
      });
      if (this.#stopped) return void call.end();
      this.#watches.add(call);
      call.on("cancelled", () => this.#watches.delete(call));
    };
  }
}

function messageIn(method: Method, bytes: Buffer): { readonly request: unknown } | undefined {
  try {
    return { request: method.requestDeserialize(bytes) };
  } catch {
    return undefined;
  }
}
