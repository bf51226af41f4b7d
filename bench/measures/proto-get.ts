import { compare, type Sample } from "../compare.ts";
import { call, type Measure, startOperation, startServer } from "../measure.ts";

const CONNECTIONS = 64;
const ENTRIES = 9;

/** As JSON some two kilobytes. */
const REPORT = {
  title: "What the archive holds",
  totalBytes: "48318382080",
  updateTime: "2026-01-02T03:04:05.678Z",
  labels: { environment: "production", team: "storage", region: "europe-west1" },
  entries: Array.from({ length: ENTRIES }, (_, index) => ({
    path: `archive/2026/01/part-${1_000 + index}.bin`,
    kind: index % 4 === 0 ? "DIRECTORY" : "FILE",
    sizeBytes: String(1_048_577 * (index + 1)),
    share: (index + 1) / 128,
    hidden: true,
    scanDuration: `${index + 1}.250s`,
  })),
};

export const protoGet: Measure = {
  name: "proto-get",
  title: "GET of a finished operation of a method declared by protos, against one of the same size without",
  async run(setting) {
    const { protoMethods, descriptors } = setting.program;
    await using server = await startServer(setting, { flags: [protoMethods, "--descriptors", descriptors] });
    const paths = [await finished(server.url, "makeReport"), await finished(server.url, "report")];
    const bytes = await Promise.all(paths.map((path) => sizeOf(server.url, path)));
    const comparison = await compare(
      setting,
      paths.map((path) => ({ child: server, load: { paths: [path], connections: CONNECTIONS } })),
    );
    const [proto, code] = comparison.samples as [Sample, Sample];
    return {
      figures: {
        "bytes of the answer": bytes[0] ?? 0,
        "bytes of the answer without protos": bytes[1] ?? 0,
        "requests/s": proto.requestsPerSecond,
        "requests/s without protos": code.requestsPerSecond,
        "CPU µs/request": proto.microsecondsPerRequest,
        "CPU µs/request without protos": code.microsecondsPerRequest,
      },
      checks: [
        {
          what: "CPU, times that without protos",
          value: comparison.times(0, 1).microsecondsPerRequest,
          limit: 1.15,
          rule: "at most",
        },
      ],
      notes: ["One process answers both. Answers of this size are rendered again for every request."],
    };
  },
};

async function finished(url: string, method: string): Promise<string> {
  const path = await startOperation(url, method, { report: REPORT });
  const { response } = await call<{ readonly response?: object }>(url, `${path}:wait`, {});
  if (response === undefined) throw new Error(`${path} did not succeed`);
  return path;
}

/** Uncompressed, as the load generator asks for it. */
async function sizeOf(url: string, path: string): Promise<number> {
  const response = await fetch(`${url}${path}`, { headers: { "accept-encoding": "identity" } });
  return (await response.arrayBuffer()).byteLength;
}
