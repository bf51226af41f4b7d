import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { promisify } from "node:util";
import { ArchiveService, leftovers, makeSlowTree } from "./archive-service.ts";
import { clientTest, CURL } from "./installed-client.ts";
import { tell } from "./report/facts.ts";

/** The beginning of the output of `curl --version`. */
const CLIENT = {
  client: "curl",
  version: /^curl ([^ ]+)/.exec(spawnSync("curl", ["--version"]).stdout?.toString() ?? "")?.[1] ?? "none",
  transport: "REST",
};

/** An answer as curl shows it with `-i`. */
interface CurlAnswer {
  readonly version: string;
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: Body;
}

interface Body {
  readonly name?: string;
  readonly done?: boolean;
  readonly metadata?: { readonly value: Readonly<Record<string, unknown>> };
  readonly response?: unknown;
  readonly error?: { readonly code: number; readonly status?: string; readonly errors?: readonly unknown[] };
  readonly operations?: readonly Body[];
  readonly nextPageToken?: string;
}

const run = promisify(execFile);

/** Runs curl with these words, and checks the rules for every answer of the service. */
async function curl(command: string, ...words: readonly string[]): Promise<CurlAnswer> {
  const { stdout } = await run(command, [
    "-q",
    "-s",
    "-S",
    "-i",
    "--noproxy",
    "*",
    "--max-time",
    "30",
    ...words,
  ]);
  const end = stdout.indexOf("\r\n\r\n");
  const [first = "", ...lines] = stdout.slice(0, end).split("\r\n");
  const [version = "", status = ""] = first.split(" ");
  const headers = new Headers();
  for (const line of lines)
    headers.append(line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1));
  const text = stdout.slice(end + 4);
  const answer = { version, status: Number(status), headers, text, body: JSON.parse(text) as Body };
  assert.equal(headers.get("content-type"), "application/json; charset=UTF-8", stdout);
  // gcloud retries every answer with this header until it gives up (contract section 3.7).
  if (answer.status < 300) assert.equal(headers.get("retry-after"), null, stdout);
  return answer;
}

/** A service with a small and a large directory, and a curl that knows its address. */
async function open(command: string, t: { after(end: () => Promise<void>): void }) {
  const service = await ArchiveService.start();
  t.after(() => service[Symbol.asyncDispose]());
  const small = await makeSlowTree(service.path("small"), 1);
  const call = (path: string, ...words: readonly string[]): Promise<CurlAnswer> =>
    curl(command, ...words, `${service.url}${path}`);
  const start = async (directory: string, output: string): Promise<string> => {
    const request = JSON.stringify({ directory, output: service.path(output) });
    const { status, body } = await call("/v1:createArchive", "--data", request);
    assert.equal(status, 200);
    return body.name ?? assert.fail("a start without a name");
  };
  return { service, small, call, start };
}

const JSON_TYPE = ["-H", "content-type: application/json"];
const WAIT_OF_TEN = "timeout=10s";

clientTest(
  CURL,
  "curl starts, waits with the timeout in query, body or nowhere, and deletes",
  async (t, command) => {
    const { small, call, start } = await open(command, t);
    const name = await start(small, "one.tar.gz");
    const waits = [
      await call(`/v1/${name}:wait?${WAIT_OF_TEN}`, "--data", ""),
      await call(`/v1/${name}:wait?${WAIT_OF_TEN}`, "-X", "POST"),
      await call(`/v1/${name}:wait`, ...JSON_TYPE, "--data", '{"timeout": "10s"}'),
      await call(`/v1/${name}:wait`, ...JSON_TYPE, "--data", `{"name": "${name}", "timeout": "10s"}`),
      await call(`/v1/${name}:wait`, ...JSON_TYPE, "-X", "POST"),
      await call(`/v1/${name}`),
    ];
    for (const { status, body } of waits) {
      assert.equal(status, 200);
      assert.equal(body.done, true);
      assert.deepEqual(body, waits[0]?.body);
    }
    // An answer to DELETE without a body, announced as google-gax and api-core do.
    const deleted = await call(`/v1/${name}`, "-X", "DELETE", ...JSON_TYPE);
    assert.deepEqual([deleted.status, deleted.body], [200, {}]);
    assert.equal((await call(`/v1/${name}`)).status, 404);
    assert.equal((await call(`/v1/${name}`, "-X", "DELETE")).status, 404);
    tell({ ...CLIENT, calls: ["start", "get", "wait", "delete"] });
  },
);

clientTest(CURL, "curl waits for a while and then sees the operation run on", async (t, command) => {
  const { service, call, start } = await open(command, t);
  const large = await makeSlowTree(service.path("large"), 512);
  const name = await start(large, "large.tar.gz");
  for (const words of [
    [`/v1/${name}:wait?timeout=0.3s`, "--data", ""],
    [`/v1/${name}:wait`, "--data", '{"timeout":"0.3s"}'],
  ] as const) {
    const [path, ...data] = words;
    const { status, body } = await call(path, ...data);
    assert.deepEqual([status, body.done, body.metadata?.value["state"]], [200, undefined, "RUNNING"]);
  }
  tell({ ...CLIENT, calls: [], progress: "`metadata.value`" });
});

clientTest(CURL, "curl cancels with every kind of empty body", async (t, command) => {
  const { service, call, start } = await open(command, t);
  const large = await makeSlowTree(service.path("large"), 512);
  for (const words of [
    ["-X", "POST"],
    ["--data", ""],
    ["-X", "POST", ...JSON_TYPE],
    [...JSON_TYPE, "--data", ""],
    [...JSON_TYPE, "--data", "{}"],
  ]) {
    const name = await start(large, "large.tar.gz");
    const { status, body } = await call(`/v1/${name}:cancel`, ...words);
    assert.deepEqual([status, body], [200, {}], words.join(" "));
    const { body: cancelled } = await call(`/v1/${name}:wait?${WAIT_OF_TEN}`, "--data", "");
    assert.deepEqual([cancelled.done, cancelled.error?.code, cancelled.error?.status], [true, 1, undefined]);
    assert.deepEqual(leftovers(service.path("large.tar.gz")), []);
    assert.equal((await call(`/v1/${name}:cancel`, ...words)).status, 200);
  }
  tell({ ...CLIENT, calls: ["cancel"], cancellation: "`error.code` 1" });
});

clientTest(CURL, "curl is understood in the spellings that real clients send", async (t, command) => {
  const { small, call, start } = await open(command, t);
  const name = await start(small, "one.tar.gz");
  const { body: done } = await call(`/v1/${name}:wait?${WAIT_OF_TEN}`, "--data", "");
  for (const query of [
    "?",
    "?&",
    "?alt=json",
    "?$alt=json%3Benum-encoding=int",
    "?%24alt=json%3Benum-encoding%3Dint&$prettyPrint=0",
    "?%24.xgafv=1",
    "?$.xgafv=2&quotaUser=q&key=k",
  ]) {
    const { status, body } = await call(`/v1/${name}${query}`, ...JSON_TYPE);
    assert.deepEqual([status, body], [200, done], query);
  }
  const old = await call(`/v1/${name}`, "--http1.0");
  assert.deepEqual([old.status, old.body], [200, done]);
  assert.equal(old.headers.get("content-length"), String(Buffer.byteLength(old.text)));
  assert.equal(old.headers.get("transfer-encoding"), null);
  for (const path of ["/v1/operations", "/v1/operations?", "/v1/operations/operations", "/v1//operations"]) {
    assert.deepEqual((await call(path)).body.operations, [done], path);
  }
  const compact = await call(`/v1/${name}?prettyPrint=false`);
  assert.doesNotMatch(compact.text, /\n/);
  tell({ ...CLIENT, calls: ["list"] });
});

clientTest(CURL, "curl finds an operation by its whole name, percent-encoded", async (t, command) => {
  const { service, small, call, start } = await open(command, t);
  const request = JSON.stringify({ directory: small, output: service.path("p.tar.gz") });
  const started = await call("/v1/projects/p/locations/l:createArchive", "--data", request);
  const names = [started.body.name ?? "", await start(small, "one.tar.gz")];
  assert.match(names[0] ?? "", /^projects\/p\/locations\/l\/operations\//);
  for (const name of names) {
    const whole = `/v1/operations/${encodeURIComponent(name)}`;
    assert.equal((await call(`${whole}:wait?${WAIT_OF_TEN}`, "--data", "")).body.done, true);
    assert.equal((await call(whole)).body.name, name);
    assert.deepEqual((await call(whole, "-X", "DELETE")).body, {});
    assert.equal((await call(`/v1/${name}`)).status, 404);
  }
});

clientTest(CURL, "curl reads errors as JSON, in the format that it asks for", async (t, command) => {
  const { call } = await open(command, t);
  for (const [path, words, status, code] of [
    ["/v1/operations/unknown", [], 404, "NOT_FOUND"],
    ["/v1/nowhere", [], 404, "NOT_FOUND"],
    ["/v1:unknownMethod", ["--data", ""], 404, "NOT_FOUND"],
    ["/v1:createArchive", ["--data", ""], 400, "INVALID_ARGUMENT"],
    ["/v1:createArchive", ["--data", "{"], 400, "INVALID_ARGUMENT"],
    ["/v1:createArchive", ["--data", "[]"], 400, "INVALID_ARGUMENT"],
    ["/v1/operations?unknown=1", [], 400, "INVALID_ARGUMENT"],
    ["/v1/operations?pageSize=-1", [], 400, "INVALID_ARGUMENT"],
  ] as const) {
    const separator = path.includes("?") ? "&" : "?";
    const two = await call(path, ...words);
    const one = await call(`${path}${separator}%24.xgafv=1`, ...words);
    assert.deepEqual(
      [two.status, two.body.error?.code, two.body.error?.status],
      [status, status, code],
      path,
    );
    assert.deepEqual([two.body.error?.errors, one.body.error?.errors?.length], [undefined, 1], path);
    assert.equal(one.status, status);
  }
  const wrong = await call("/v1/operations?$.xgafv=3");
  assert.match(wrong.text, /Invalid value '3' for system query parameter : \$\.xgafv/);
  assert.equal(wrong.status, 400);
  tell({ ...CLIENT, calls: [], errors: "call: the status and the body" });
});

clientTest(CURL, "curl speaks HTTP/2 in the clear, with and without a body", async (t, command) => {
  const { call, small } = await open(command, t);
  const http2 = "--http2-prior-knowledge";
  const started = await call("/v1:createArchive", http2, "--json", JSON.stringify({ directory: small }));
  assert.deepEqual([started.version, started.status], ["HTTP/2", 200]);
  const done = await call(`/v1/${started.body.name}:wait?timeout=30s`, http2, "--data", "");
  assert.equal(done.body.done, true);
  assert.equal((await call("/v1/operations", http2)).body.operations?.length, 1);
  assert.equal((await call("/v1/operations/unknown", http2)).body.error?.status, "NOT_FOUND");
  tell({ ...CLIENT, transport: "REST, HTTP/2", calls: ["start", "list", "wait"] });
});
