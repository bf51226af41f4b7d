import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** The answers of a measured process about itself. */
export interface Figures {
  /** User and system time of all its threads since its start. */
  readonly cpuMicroseconds: number;
  readonly residentBytes: number;
}

/** `memory` collects garbage and returns unused pages before it answers. */
export type Question = "cpu" | "memory";

/** A server in a process of its own that answers questions about itself. */
export interface Child extends AsyncDisposable {
  /** Such as `http://127.0.0.1:40123`. */
  readonly url: string;
  readonly process: ChildProcess;
  ask(question: Question): Promise<Figures>;
  /** Stops it as an operator does, and waits until it has ended. */
  stop(): Promise<void>;
}

const PROBE = fileURLToPath(new URL("./probe.ts", import.meta.url));
const BARE = fileURLToPath(new URL("./bare.ts", import.meta.url));
const PORT = fileURLToPath(new URL("./port.ts", import.meta.url));
const BARE_GRPC = fileURLToPath(new URL("./bare-grpc.ts", import.meta.url));

/** Finds the address in the first output of a server. */
const ADDRESS = /http:\/\/127\.0\.0\.1:\d+/;

/** Starts a program that prints its address, with the probe loaded into it. */
export async function startChild(file: string, words: readonly string[]): Promise<Child> {
  const child = spawn(process.execPath, ["--expose-gc", "--import", PROBE, file, ...words], {
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  const ended = once(child, "exit");
  let log = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (log += text));
  const url = await Promise.race([
    addressFrom(child),
    ended.then(() => Promise.reject(new Error(`${file} ended before it listened:\n${log}`))),
  ]);
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM");
    await ended;
  };
  return {
    url,
    process: child,
    ask: async (question) => {
      child.send(question);
      const [figures] = (await once(child, "message")) as [Figures];
      return figures;
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** The answer of the bare server, and whether it reads the request first. */
export interface BareAnswer {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Reads the body and parses it as JSON before it answers, as any service has to. */
  readonly parses: boolean;
  /** The delay before an answer. @default none */
  readonly delayMs?: number;
}

/** Bare `node:http` that answers everything with the same bytes: the limit of what is possible. */
export function startBare(answer: BareAnswer): Promise<Child> {
  return startChild(BARE, [JSON.stringify(answer)]);
}

/**
 * The ways to serve REST: on our port with gRPC, on our port without gRPC, or directly by
 * `node:http`.
 */
export type PortKind = "shared" | "unshared" | "own";

/** The service, served in one of these ways. @param words the arguments of port.ts */
export function startPort(kind: PortKind, words: readonly string[]): Promise<Child> {
  return startChild(PORT, [kind, ...words]);
}

/**
 * Bare `@grpc/grpc-js` that always answers GetOperation with the same bytes and never answers
 * WaitOperation.
 */
export function startBareGrpc(answer: Uint8Array): Promise<Child> {
  return startChild(BARE_GRPC, [Buffer.from(answer).toString("base64")]);
}

function addressFrom(child: ChildProcess): Promise<string> {
  let printed = "";
  return new Promise((resolve) => {
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      printed += text;
      const url = ADDRESS.exec(printed)?.[0];
      if (url !== undefined) resolve(url);
    });
  });
}
