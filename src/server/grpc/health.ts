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
import { LIMITS } from "../../core/limits.ts";
import type { Clock, Timer } from "../../core/ports/clock.ts";
import type { Health } from "../probes/health.ts";
import { bytesDefinition } from "./service-shapes.ts";

/** The used part of the package's implementation, with the package's messages. */
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
type Status = "SERVING" | "NOT_SERVING";

const BROKEN = {
  code: CODES.INVALID_ARGUMENT,
  details: "The request's bytes are not a HealthCheckRequest.",
} as const;

/**
 * `grpc.health.v1.Health`: the status of the whole server (`""`) and of each service is SERVING
 * exactly when `/readyz` answers `ok`. While there are watches, this is checked every
 * `LIMITS.storeCheckMs`.
 *
 * Requests are decoded here and not by grpc-js, which would report invalid bytes as an error of the
 * server.
 *
 * @see contract section 7
 */
export class HealthService {
  readonly #health: Health;
  readonly #clock: Clock;
  readonly #implementation = new HealthImplementation();
  readonly #told = new Map<string, Status>();
  readonly #watches = new Set<ServerWritableStream<Buffer, Buffer>>();
  readonly #unwatch: () => void;
  #timer: Timer | undefined;
  #closed = false;

  constructor(health: Health, clock: Clock) {
    this.#health = health;
    this.#clock = clock;
    this.#unwatch = health.watch(() => void this.#look());
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

  /**
   * Sends NOT_SERVING to all watches and ends their calls, because a connection with open calls
   * cannot close.
   */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#unwatch();
    this.#timer?.cancel();
    this.#say("NOT_SERVING");
    for (const call of this.#watches) call.end();
    this.#watches.clear();
  }

  /** Checks the status, and sends a changed status to all watches. */
  async #look(): Promise<void> {
    const isReady = await this.#health.isReady();
    this.#say(isReady && !this.#closed ? "SERVING" : "NOT_SERVING");
  }

  #say(status: Status): void {
    for (const service of ["", ...this.#health.services]) {
      if (this.#told.get(service) === status) continue;
      this.#told.set(service, status);
      this.#implementation.setStatus(service, status);
    }
  }

  /** Checks the status, and then continues. */
  async #afterLook(goOn: () => void): Promise<void> {
    await this.#look();
    goOn();
  }

  #unary(method: Method, answer: UnaryCall): handleUnaryCall<Buffer, Buffer> {
    return (call, callback) => {
      const read = messageIn(method, call.request);
      if (read === undefined) return callback(BROKEN);
      const send: sendUnaryData<unknown> = (error, message) =>
        callback(error, error === null ? method.responseSerialize(message) : undefined);
      void this.#afterLook(() => answer(read, send));
    };
  }

  #watch(method: Method, answer: HealthCalls["watch"]): handleServerStreamingCall<Buffer, Buffer> {
    return (call) => {
      const read = messageIn(method, call.request);
      if (read === undefined) return void call.emit("error", BROKEN);
      this.#watches.add(call);
      call.on("cancelled", () => this.#watches.delete(call));
      void this.#afterLook(() => {
        if (!this.#watches.has(call)) return;
        answer({
          request: read.request,
          write: (message) => void call.write(method.responseSerialize(message)),
          on: (event, listener) => void call.on(event, listener),
        });
        if (this.#closed) call.end();
        else this.#lookAgain();
      });
    };
  }

  /** Schedules the next check while there are watches. */
  #lookAgain(): void {
    if (this.#watches.size === 0 || this.#closed || this.#timer !== undefined) return;
    this.#timer = this.#clock.after(LIMITS.storeCheckMs, () => {
      this.#timer = undefined;
      void this.#afterLook(() => this.#lookAgain());
    });
  }
}

function messageIn(method: Method, bytes: Buffer): { readonly request: unknown } | undefined {
  try {
    return { request: method.requestDeserialize(bytes) };
  } catch {
    return undefined;
  }
}
