import { z } from "zod";
import { defineMethod, type Method, type MethodOptions } from "../core/method/method.ts";
import type { Operation } from "../core/operation/operation.ts";
import { type Answering, Receiver } from "../outbound/receiver.suite.ts";
import { openTestWorker, type TestWorker } from "../worker/test-worker.suite.ts";
import type { WorkerParts } from "../worker/worker.ts";
import { httpTarget } from "./http-target.ts";
import type { HttpTargetOptions } from "./options.ts";

/** Options of a test's target in addition to its URL. */
export interface WorldOptions {
  readonly target?: Partial<HttpTargetOptions>;
  readonly method?: Partial<Pick<MethodOptions, "retry" | "deadline">>;
  readonly worker?: Partial<WorkerParts>;
}

/** A target on this machine, and a worker that calls it, over a real engine with a manual clock. */
export interface TargetWorld extends AsyncDisposable, Pick<TestWorker, "clock" | "events" | "worker"> {
  readonly target: Receiver;
  readonly test: TestWorker;
  readonly method: Method;
  /** Starts an operation. */
  begin(request?: object): Promise<Operation>;
  /**
   * Starts an operation, lets the target answer, and returns the operation after its first attempt.
   */
  answered(answer: Answering, request?: object): Promise<Operation>;
  /** Begins the next attempt, and returns the record after the given number of attempts. */
  next(attempts: number, operation: Operation): Promise<Operation>;
  /** The record after the given number of attempts. */
  after(attempts: number, operation: Operation): Promise<Operation>;
}

/** Opens a world. Its method `resize` takes any object and answers `{ width }`. */
export async function openTargetWorld(options: WorldOptions = {}): Promise<TargetWorld> {
  const target = await Receiver.open();
  const method = defineMethod({
    name: "resize",
    request: z.looseObject({}),
    response: z.object({ width: z.number() }),
    retry: { initialDelay: "1s", maxDelay: "1s" },
    run: httpTarget({ url: `${target.url}/resize`, ...options.target }),
    ...options.method,
  });
  const test = await openTestWorker([method], options.worker);
  const { clock, events, worker } = test;
  worker.start();
  const begin = (request: object = {}): Promise<Operation> => test.start(method, request);
  const after: TargetWorld["after"] = async (attempts, operation) => {
    await events.until("attempt.ended", attempts);
    return test.read(operation);
  };
  return {
    target,
    test,
    clock,
    events,
    worker,
    method,
    begin,
    after,
    async next(attempts, operation) {
      await clock.advance(1_000);
      return after(attempts, operation);
    },
    async answered(answer, request) {
      target.answer = answer;
      const ended = events.count("attempt.ended");
      return after(ended + 1, await begin(request));
    },
    async [Symbol.asyncDispose]() {
      // Do not wait for a target that hangs.
      await target[Symbol.asyncDispose]();
      await test[Symbol.asyncDispose]();
    },
  };
}

/** Answers with a status, a body and headers. */
export function answering(
  status: number,
  body: unknown = "",
  headers: Readonly<Record<string, string>> = {},
): Answering {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const type = typeof body === "string" ? "text/plain" : "application/json";
  return (response) => void response.writeHead(status, { "content-type": type, ...headers }).end(text);
}
