import type { Dice } from "./dice.ts";
import { hostileJson, hostileText } from "./hostile.ts";
import type { Target } from "./request.ts";

/** A body and its declared content type; undefined if there is none. */
interface Body {
  readonly content: Buffer;
  readonly type: string;
}

const TYPES: readonly string[] = [
  "application/json",
  "application/json",
  "application/json; charset=utf-8",
  "application/json; charset=utf-16",
  "text/plain",
  "application/x-www-form-urlencoded",
  "application/x-protobuf",
  "multipart/mixed; boundary=b",
  "/",
  "",
];

/** A body for the path of the request, or for another path. */
export function hostileBody(dice: Dice, target: Target, path: string): Body {
  if (path.startsWith("/batch") || dice.chance(0.03)) return hostileBatch(dice, target);
  const isOfWorker = /:(?:claim|renew|complete|fail|release)$/.test(path) && dice.chance(0.7);
  const text = isOfWorker ? workerBody(dice, target) : anyBody(dice);
  const content = dice.chance(0.92) ? Buffer.from(text) : damaged(dice, Buffer.from(text));
  return { content, type: dice.chance(0.8) ? "application/json" : dice.pick(TYPES) };
}

function anyBody(dice: Dice): string {
  return dice.oneOf([
    () => hostileJson(dice),
    () => JSON.stringify({ text: hostileText(dice), extra: dice.below(10) }),
    () => `{"text":${hostileJson(dice)},"milliseconds":${hostileJson(dice)}}`,
    () => `{"timeout":${JSON.stringify(dice.pick(["0s", "0.01s", "1", "x", "-1s"]))}}`,
    () => "{}",
    () => "",
    () => hostileText(dice),
    () =>
      `{"text":"${"a".repeat(dice.pick([10, 10, 1_000, 1_000, 20_000, 20_000, 100_000, 1_048_600, 2_000_000]))}"}`,
  ]);
}

const LISTS = ["completions", "renewals", "failures", "attempts"] as const;

/**
 * The body of a worker's call, sometimes with members that are not allowed. Claims wait only
 * briefly.
 */
function workerBody(dice: Dice, target: Target): string {
  const odd = (text: string): string => (dice.chance(0.8) ? text : hostileJson(dice));
  const flat = (): string =>
    `"attempt":${odd("1")},"token":${odd('"t"')},"response":${odd("{}")},"error":${odd('{"code":13}')}`;
  const attempt = (): string =>
    odd(`{"name":${JSON.stringify(dice.pick(target.names))},"attempt":${odd("1")},"token":${odd('"t"')}}`);
  const entry = (): string =>
    odd(`{"attempt":${attempt()}${dice.pick(["", `,"response":${odd("{}")}`, ',"metadataAny":{}'])}}`);
  return dice.oneOf([
    () =>
      `{"methods":${odd('["echo"]')},"worker":${odd('"w"')},"limit":${odd("3")},"timeout":${JSON.stringify(dice.pick(["0s", "0.01s", "1"]))}}`,
    () => `{${flat()}}`,
    () => `{"${dice.pick(LISTS)}":[${dice.some(dice.pick([3, 3, 1_100]), entry).join(",")}]}`,
  ]);
}

/** Replaces some of its bytes. */
function damaged(dice: Dice, bytes: Buffer): Buffer {
  for (let times = dice.below(5); times > 0 && bytes.length > 0; times--) {
    bytes[dice.below(bytes.length)] = dice.below(256);
  }
  return dice.chance(0.3) ? Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes]) : bytes;
}

/** The calls in a batch, well-formed and not. */
function hostileBatch(dice: Dice, target: Target): Body {
  const boundary = dice.pick(["batch_x", "b", "", "a b", "=", '"', "x".repeat(300), "--"]);
  const newline = dice.pick(["\r\n", "\r\n", "\r\n", "\n"]);
  const countMax = dice.pick([3, 3, 20, 1_100]);
  const parts = dice.some(countMax, () => part(dice, target, { newline, short: countMax > 100 }));
  const end = dice.chance(0.85) ? `--${boundary}--${newline}` : "";
  const text = parts.map((each) => `--${boundary}${newline}${each}${newline}`).join("") + end;
  const quoted = dice.chance(0.3) ? `"${boundary}"` : boundary;
  const type = dice.chance(0.9) ? `multipart/mixed; boundary=${quoted}` : dice.pick(TYPES);
  const content = Buffer.from(text.slice(0, 600_000));
  return { content: dice.chance(0.85) ? content : damaged(dice, content), type };
}

function part(
  dice: Dice,
  target: Target,
  { newline, short }: { readonly newline: string; readonly short: boolean },
): string {
  const path = dice.oneOf([
    () => `/v1/${dice.pick(target.names)}`,
    () => "/v1/operations?pageSize=1",
    () => "/v1:echo",
    () => "/batch",
    () => "http://evil.example/v1/operations",
    () => (short ? "/" : hostileText(dice)),
  ]);
  const method = dice.pick(["GET", "GET", "POST", "DELETE", "BREW", "", "get"]);
  const body = method === "POST" ? (short ? '{"text":"a"}' : hostileJson(dice)) : "";
  const head = [`${method} ${path}${dice.pick([" HTTP/1.1", "", " HTTP/9.9"])}`];
  if (body !== "") head.push("Content-Type: application/json");
  if (dice.chance(0.2)) head.push(`Content-Length: ${dice.pick([body.length, 0, -1, 1e9])}`);
  if (dice.chance(0.2)) head.push(`X-A: ${short ? "a" : hostileText(dice)}`);
  const outer = [`Content-Type: ${dice.pick(["application/http", "application/http", "text/plain"])}`];
  if (dice.chance(0.7))
    outer.push(`Content-ID: ${dice.pick(["<a+1>", "<b + 2>", "", short ? "x" : hostileText(dice)])}`);
  return [...outer, "", ...head, "", body].join(newline);
}
