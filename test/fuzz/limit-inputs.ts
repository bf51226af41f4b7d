import { LIMITS } from "../../src/core/limits.ts";
import {
  ADDRESS_LENGTH,
  BODY_LENGTH,
  batch,
  face,
  fill,
  form,
  get,
  INPUTS,
  type Input,
  json,
  list,
  starts,
} from "../growth/inputs.ts";
import type { Dice } from "./dice.ts";
import { HEADER_NAMES, printable } from "./headers.ts";
import { filling, jsonAtLimits, nearly } from "./limit-texts.ts";

const { batchBytesMax, batchCallsMax, filterLengthMax, fieldMaskNamesMax, headersMax, startsMax } = LIMITS;

/**
 * A REST request that contains as much of one thing as the server reads, and the name of that
 * thing.
 */
export interface LimitRequest extends Input {
  readonly kind: string;
}

const PARAMETERS = [
  "filter",
  "orderBy",
  "pageToken",
  "fields",
  "pageSize",
  "quotaUser",
  "callback",
  "a",
  "numbers",
  "mask",
];
const FACE_FIELDS = [
  [
    "inner",
    "duration",
    "numbers",
    "long",
    "bytes",
    "texts",
    "faces",
    "struct",
    "any",
    "mask",
    "time",
    "list",
  ],
  ["value", "real", "id"],
].flat();

export function limitRequest(dice: Dice, name: string): LimitRequest {
  const kind = dice.pick(KINDS);
  return { kind, ...MAKERS[kind](dice, name) };
}

const MAKERS = {
  "a known one": (dice: Dice) => dice.pick(Object.values(INPUTS)),
  "an address": (dice: Dice, name: string) => get(address(dice, name, nearly(dice, ADDRESS_LENGTH))),
  parameters: (dice: Dice, name: string) => get(parameters(dice, name, nearly(dice, ADDRESS_LENGTH))),
  "a header": (dice: Dice, name: string) =>
    get(`/v1/${name}`, {
      [dice.pick(HEADER_NAMES.filter(harmless))]: headerValue(dice, nearly(dice, ADDRESS_LENGTH)),
    }),
  "many headers": (dice: Dice, name: string) =>
    get(`/v1/${name}`, manyHeaders(dice, nearly(dice, ADDRESS_LENGTH))),
  "a body": body,
  "a body of an RPC": (dice: Dice) =>
    face(`{"${dice.pick(FACE_FIELDS)}":${jsonAtLimits(dice, nearly(dice, BODY_LENGTH))}}`),
  "a form": (dice: Dice) => form(filling(dice, nearly(dice, BODY_LENGTH))),
  "starts of one call": manyStarts,
  "a batch": anyBatch,
  "a batch of much else": (dice: Dice) => ({
    ...batch([]),
    body:
      dice.pick(["", "--b", "--b\n"]) +
      filling(dice, nearly(dice, batchBytesMax)) +
      dice.pick(["", "\n--b--"]),
  }),
} as const satisfies Readonly<Record<string, (dice: Dice, name: string) => Input>>;
const KINDS = Object.keys(MAKERS) as (keyof typeof MAKERS)[];

/** A request that an ordinary client cannot send, with the given content. */
const harmless = (name: string): boolean => !["connection", "expect", "upgrade", "te"].includes(name);

function headerValue(dice: Dice, length: number): string {
  return printable(filling(dice, length)).slice(0, length).trim();
}

function manyHeaders(dice: Dice, length: number): Readonly<Record<string, string>> {
  const count = nearly(dice, dice.pick([headersMax, 2_000]));
  const value = "a".repeat(Math.max(1, Math.floor(length / count) - 8));
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`x-${index}`, value]));
}

function address(dice: Dice, name: string, length: number): string {
  const start = dice.pick(["/v1/", `/v1/${name}/`, `/v1/${name}:`, "/v1/projects/", "/", "/batch/", "/v1:"]);
  const end = dice.pick(["", "operations", "/operations", ":wait", ":echo"]);
  return start + encoded(filling(dice, length), length - start.length - end.length) + end;
}

function parameters(dice: Dice, name: string, length: number): string {
  const path = dice.pick([
    "/v1/operations",
    "/v1/-/operations",
    `/v1/${name}`,
    "/v1/faces/a",
    "/openapi.json",
  ]);
  const parameter = dice.pick(PARAMETERS);
  const room = parameter === "filter" ? dice.pick([nearly(dice, filterLengthMax), length]) : length;
  if (dice.chance(0.2)) return `${path}?${encoded(filling(dice, length), length)}`;
  const value =
    parameter === "fields" && dice.chance(0.5)
      ? list(nearly(dice, fieldMaskNamesMax), (index) => `a${dice.chance(0.5) ? "/b" : ""}${index}`)
      : filling(dice, room);
  return `${path}?${parameter}=${encoded(value, length)}`;
}

/** Bytes of a request's first line: unchanged, or with everything but letters percent-encoded. */
function encoded(text: string, length: number): string {
  return Buffer.from(text.toWellFormed(), "utf8")
    .toString("latin1")
    .replaceAll(/[^\u0021-\u007e]|#/g, (byte) => `%${byte.charCodeAt(0).toString(16).padStart(2, "0")}`)
    .slice(0, Math.max(0, length));
}

function body(dice: Dice, name: string): Input {
  const path = dice.pick([
    "/v1:echo",
    "/v1:echo",
    "/v1:strict",
    "/v1:startOperations",
    `/v1/${name}:wait`,
    `/v1/${name}:cancel`,
  ]);
  const text = jsonAtLimits(dice, nearly(dice, BODY_LENGTH));
  const member = dice.pick(["a", "texts", "requests", "timeout", "request"]);
  return json(path, dice.chance(0.7) ? `{"${member}":${text}}` : text);
}

function manyStarts(dice: Dice): Input {
  const count = nearly(dice, startsMax);
  const room = Math.floor(nearly(dice, BODY_LENGTH) / count) - 60;
  const text = dice.oneOf([
    () =>
      JSON.stringify(filling(dice, room))
        .slice(0, room - 1)
        .replace(/\\*$/, '"'),
    () => `[${list(Math.floor(room / 2), () => "1")}]`,
    () => `[${list(15, () => "[]")}]`,
    () => "1",
  ]);
  const method = dice.pick(["echo", "echo", "strict", "nothing"]);
  return starts(count, `{"method":"${method}","request":{"a":${text}}}`);
}

function anyBatch(dice: Dice, name: string): Input {
  const count = dice.pick([1, 2, 9, 64, batchCallsMax, batchCallsMax, batchCallsMax + 1]);
  const room = Math.floor(nearly(dice, batchBytesMax) / count) - 100;
  const make = dice.pick([
    () => `GET ${address(dice, name, room)}`,
    () => `GET ${parameters(dice, name, room)}`,
    () => `GET /v1/${name} HTTP/1.1\n${fill(dice.pick(["a: b\n", "x-a: \n", "a\n", ":\n"]), room)}`,
    () => `GET /v1/${name} HTTP/1.1\n${dice.pick(HEADER_NAMES)}: ${headerValue(dice, room)}`,
    () =>
      `POST /v1:${dice.pick(["echo", "strict"])} HTTP/1.1\n\n{"a":${jsonAtLimits(dice, Math.min(room, BODY_LENGTH))}}`,
    () =>
      `POST /v1/all/a HTTP/1.1\n\n{"${dice.pick(FACE_FIELDS)}":${jsonAtLimits(dice, Math.min(room, BODY_LENGTH))}}`,
    () => "GET /v1/operations?pageSize=1000",
    () => `GET /v1/${name}`,
  ]);
  // Two are made in advance and take turns, so that the sender has little work.
  const parts = [make(), make()];
  return batch(Array.from({ length: count }, (_, index) => parts[index % 2] ?? ""));
}
