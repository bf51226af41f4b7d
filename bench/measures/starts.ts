import { bareTwin, compare, type Sample } from "../compare.ts";
import { type Measure, startServer } from "../measure.ts";

const BODY = JSON.stringify({ text: "What was asked for comes back." });

export const starts: Measure = {
  name: "starts",
  title: "Starts acknowledged durably, 64 clients, against bare node:http that parses the same JSON",
  async run(setting) {
    await using server = await startServer(setting, { flags: ["--concurrency", "0"] });
    await using working = await startServer(setting);
    await using bare = await bareTwin(`${server.url}/v1:echo`, { body: BODY });
    const load = { paths: ["/v1:echo"], connections: 64, body: BODY };
    const comparison = await compare(
      setting,
      [server, working, bare].map((child) => ({ child, load })),
    );
    const [ours, run, limit] = comparison.samples as [Sample, Sample, Sample];
    return {
      figures: {
        "starts/s": ours.requestsPerSecond,
        "bare requests/s": limit.requestsPerSecond,
        "CPU µs/start": ours.microsecondsPerRequest,
        "bare CPU µs/request": limit.microsecondsPerRequest,
        "starts/s while the same process runs them": run.requestsPerSecond,
        "CPU µs/start and run": run.microsecondsPerRequest,
      },
      checks: [
        {
          what: "throughput, share of bare",
          value: comparison.times(0, 2).requestsPerSecond,
          limit: 0.35,
          rule: "at least",
        },
      ],
      notes: ["The compared server runs no handlers, like an API server with separate workers."],
    };
  },
};
