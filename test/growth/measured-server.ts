import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Input } from "./inputs.ts";
import type { Cost } from "./loop-meter.ts";

/** The cost of one request for the server, and the answer. */
export interface Measured extends Cost {
  readonly status: number;
  readonly answerBytes: number;
}

/** A server in a process of its own that reports the cost of requests. */
export interface MeasuredServer extends AsyncDisposable {
  readonly url: string;
  /** Sends a request over a socket. */
  measure(input: Input): Promise<Measured>;
}

const SERVER = fileURLToPath(new URL("./server.ts", import.meta.url));

/** Starts it. It ends when it is disposed of, or together with this process. */
export async function startMeasuredServer(): Promise<MeasuredServer> {
  // It needs none of the flags of the process that runs the tests.
  const execArgv = ["--disable-warning=ExperimentalWarning"];
  const child = fork(SERVER, { execArgv, stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const ended = once(child, "exit");
  const [url] = (await once(child, "message")) as [string];
  const cost = async (): Promise<Cost> => {
    child.send("cost");
    const [told] = (await once(child, "message")) as [Cost];
    return told;
  };
  return {
    url,
    async measure({ path, method, headers = {}, body }) {
      await cost();
      const content = body === undefined ? {} : { body };
      const response = await fetch(`${url}${path}`, { method, headers, ...content });
      const answerBytes = (await response.arrayBuffer()).byteLength;
      return { ...(await cost()), status: response.status, answerBytes };
    },
    async [Symbol.asyncDispose]() {
      child.disconnect();
      await ended;
    },
  };
}
