import type { Dice } from "./dice.ts";
import { hostileText } from "./hostile.ts";
import { type Attack, type Target, wholeRequest } from "./request.ts";

/** The first bytes of a TLS 1.3 client, truncated. */
const TLS_HELLO = Buffer.from("16030100c8010000c40303" + "ab".repeat(60), "hex");
const HTTP2 = Buffer.concat([
  Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
  Buffer.from("000006040000000000000400010000", "hex"),
]);

type Maker = (dice: Dice, target: Target) => readonly Buffer[];

const start = ({ host }: Target, more = ""): string => `POST /v1:echo HTTP/1.1\r\nhost: ${host}\r\n${more}`;
const one = (text: string): readonly Buffer[] => [Buffer.from(text, "latin1")];
const get = ({ host }: Target): string => `GET /v1/operations HTTP/1.1\r\nhost: ${host}\r\n\r\n`;

/**
 * A request whose answer has a body: after the answer to a HEAD it would be unclear where the next
 * answer begins.
 */
function bytesOf(dice: Dice, target: Target): Buffer {
  for (;;) {
    const { pieces, head } = wholeRequest(dice, target);
    if (!head) return Buffer.concat(pieces);
  }
}

/** Kinds of data that are not HTTP, or not only. */
const SHAPES: Readonly<Record<string, Maker>> = {
  truncated: (dice, target) => {
    const bytes = bytesOf(dice, target);
    return [bytes.subarray(0, dice.below(bytes.length))];
  },
  "slow pieces": (dice, target) => {
    const bytes = bytesOf(dice, target).subarray(0, 4_000);
    const cuts = dice.some(6, () => dice.below(bytes.length)).toSorted((a, b) => a - b);
    return [0, ...cuts].map((from, index) => bytes.subarray(from, cuts[index] ?? bytes.length));
  },
  pipelined: (dice, target) => [Buffer.concat(dice.some(30, () => bytesOf(dice, target)))],
  "pipelined and cut": (dice, target) => {
    const bytes = Buffer.concat([Buffer.from(get(target)), ...dice.some(5, () => bytesOf(dice, target))]);
    return [bytes.subarray(0, dice.below(bytes.length))];
  },
  damaged: (dice, target) => {
    const bytes = bytesOf(dice, target);
    for (let times = 1 + dice.below(8); times > 0; times--) bytes[dice.below(bytes.length)] = dice.below(256);
    return [bytes];
  },
  "huge header": (dice, target) =>
    one(`${start(target)}x-a: ${"a".repeat(dice.pick([8_000, 32_000, 40_000, 400_000]))}\r\n\r\n`),
  "many headers": (dice, target) =>
    one(`${start(target)}${"a: b\r\n".repeat(dice.pick([100, 2_100, 20_000]))}\r\n`),
  "huge target": (dice, { host }) =>
    one(`GET /v1/${"a".repeat(dice.pick([30_000, 70_000]))} HTTP/1.1\r\nhost: ${host}\r\n\r\n`),
  "bad chunks": (dice, target) =>
    one(
      `${start(target, "content-type: application/json\r\ntransfer-encoding: chunked\r\n")}\r\n${dice.pick([
        "zz\r\n{}\r\n0\r\n\r\n",
        "-1\r\n{}\r\n",
        "ffffffffffffffffff\r\n{}",
        "2\r\n{}abc\r\n0\r\n\r\n",
        "2;a=b\r\n{}\r\n0\r\nx-trailer: 1\r\n\r\n",
        `2${";a".repeat(9_000)}\r\n{}\r\n0\r\n\r\n`,
        "2\n{}\n0\n\n",
        "",
      ])}`,
    ),
  smuggling: (dice, target) =>
    one(
      `${start(target)}${dice.pick([
        "content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        "transfer-encoding: chunked\r\ncontent-length: 2\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        "content-length: 2\r\ncontent-length: 20\r\n\r\n{}",
        "content-length: 2, 2\r\n\r\n{}",
        "content-length: +2\r\n\r\n{}",
        "content-length : 2\r\n\r\n{}",
        "content-length: 99999999999999999999\r\n\r\n{}",
        "transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        "transfer-encoding: xchunked\r\n\r\n0\r\n\r\n",
        "transfer-encoding:\tchunked\r\n\r\n0\r\n\r\n",
        "x: a\n\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        "content-length: 2\r\n folded: 1\r\n\r\n{}",
      ])}${get(target)}`,
    ),
  "bad start line": (dice, { host }) =>
    one(
      `${dice.pick([
        "GET",
        "GET /",
        "GET / HTTP/1.2",
        "GET / HTTP/0.9",
        "GET / HTTP/11.1",
        "get / http/1.1",
        "GET  /  HTTP/1.1",
        "\u0000GET / HTTP/1.1",
        "GET /\u00ff HTTP/1.1",
        "CONNECT example.com:443 HTTP/1.1",
        "GET http://[::1 HTTP/1.1",
        "GET http://a@b:99999/v1/operations HTTP/1.1",
        "OPTIONS * HTTP/1.1",
        "HTTP/1.1 200 OK",
      ])}\r\nhost: ${host}\r\n\r\n`,
    ),
  "no host": (_dice, _target) => one("GET /v1/operations HTTP/1.1\r\n\r\n"),
  "old http": (_dice, _target) => one("GET /v1/operations HTTP/1.0\r\n\r\n"),
  "http/2 preface": (dice, _target) => [HTTP2.subarray(0, 1 + dice.below(HTTP2.length))],
  "tls hello": (dice, _target) => [TLS_HELLO.subarray(0, 1 + dice.below(TLS_HELLO.length))],
  upgrade: (dice, { host }) =>
    one(
      `GET /v1/operations HTTP/1.1\r\nhost: ${host}\r\nconnection: upgrade${dice.pick([", HTTP2-Settings", ""])}\r\n` +
        `upgrade: ${dice.pick(["h2c", "websocket", "x"])}\r\n\r\n`,
    ),
  "expect and nothing": (_dice, target) =>
    one(start(target, "expect: 100-continue\r\ncontent-length: 5\r\n\r\n")),
  "too short a body": (dice, target) =>
    one(
      `${start(target, `content-type: application/json\r\ncontent-length: ${dice.pick([3, 900, 5_000_000])}\r\n`)}\r\n{}`,
    ),
  binary: (dice, _target) => [dice.bytes(1 + dice.below(2_000))],
  text: (dice, _target) => one(`${hostileText(dice)}\r\n\r\n`),
  nothing: () => [],
};

/** Bytes that are not HTTP, or more or less than one request. */
export function brokenHttp(dice: Dice, target: Target): Attack {
  const kind = dice.pick(Object.keys(SHAPES));
  const pieces = SHAPES[kind]?.(dice, target) ?? [];
  return { kind, pieces, mode: "broken", head: false };
}
