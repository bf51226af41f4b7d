import { LIMITS } from "../../src/core/limits.ts";

/** A request as large as a limit allows, or larger. */
export interface Input {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

const { bodyBytesMax, batchBytesMax, batchCallsMax, jsonValuesMax, remoteEntriesMax, startsMax } = LIMITS;
/** The room for an address and its headers, without the headers that every request has. */
export const ADDRESS_LENGTH = LIMITS.headerBytesMax - 2_000;
export const BODY_LENGTH = bodyBytesMax - 2_000;
/** The number of values that fit in a body beside a few others. */
export const VALUES = jsonValuesMax - 1_000;

export const fill = (unit: string, length: number): string => unit.repeat(Math.floor(length / unit.length));
export const list = (count: number, make: (index: number) => string, separator = ","): string =>
  Array.from({ length: count }, (_, index) => make(index)).join(separator);

export const get = (path: string, headers: Readonly<Record<string, string>> = {}): Input => ({
  method: "GET",
  path,
  headers,
});
export const json = (path: string, body: string): Input => ({
  method: "POST",
  path,
  body,
  headers: { "content-type": "application/json" },
});
export const form = (body: string): Input => ({
  method: "POST",
  path: "/v1/operations",
  body,
  headers: { "content-type": "application/x-www-form-urlencoded", "x-http-method-override": "GET" },
});
export const batch = (parts: readonly string[]): Input => ({
  method: "POST",
  path: "/batch",
  body: `${parts.map((part) => `--b\n\n${part}\n`).join("")}--b--`,
  headers: { "content-type": "multipart/mixed; boundary=b" },
});
const calls = (call: string): Input => batch(Array.from({ length: batchCallsMax }, () => call));
export const starts = (count: number, start: string): Input =>
  json("/v1:startOperations", `{"requests":[${list(count, () => start)}]}`);
const attempt = '"attempt":{"name":"operations/x","attempt":1,"token":"t"}';
const completions = (count: number, entry: string): Input =>
  json("/v1/operations:complete", `{"completions":[${list(count, () => entry)}]}`);
export const face = (body: string): Input => json("/v1/all/a", body);

const NUMBERS = `[${list(VALUES, () => "1")}]`;
const KEYS = `{${list(VALUES, (index) => `"k${index}":1`)}}`;

/** Inputs that have blocked the server, or might, by their difficulty. */
export const INPUTS: Readonly<Record<string, Input>> = {
  "members of a field mask in an address": get(
    `/v1/operations?fields=${list(4_000, (index) => `a/${index}`)}`,
  ),
  "members of a field mask in a header": get("/v1/operations", {
    "x-goog-fieldmask": list(3_000, (index) => `a/${index}`),
  }),
  "members of a field mask in a form": form(`fields=${list(100_000, (index) => `a/${index}`)}`),
  "members of a field mask in calls of a batch": calls(
    `GET /v1/operations?fields=${list(900, (index) => `a/${index}`)}`,
  ),
  "unknown parameters in an address": get(`/v1/operations?${fill("a&", ADDRESS_LENGTH)}`),
  "unknown parameters in a form": form(fill("a&", BODY_LENGTH)),
  "unknown parameters in one call of a batch": batch([`GET /v1/operations?${fill("a&", 5_000_000)}`]),
  "unknown parameters in calls of a batch": calls(`GET /v1/operations?${fill("a&", 8_000)}`),
  "unknown fields of one start": json("/v1:startOperations", `{"requests":[${KEYS}]}`),
  "unknown fields of many starts": starts(startsMax, `{${list(15, (index) => `"k${index}":1`)}}`),
  "headers of a call in a batch": batch([`GET /v1/operations/x HTTP/1.1\n${fill("a: b\n", 4_000_000)}`]),
  "If-None-Match of a call in a batch": batch([
    `GET /v1/operations/x HTTP/1.1\nif-none-match: ${fill('"a",', 5_000_000)}`,
  ]),
  "If-None-Match": get("/v1/operations/x", { "if-none-match": fill('"a",', ADDRESS_LENGTH) }),
  "Accept-Encoding": get("/v1/operations/x", { "accept-encoding": fill("a;q=0.1,", ADDRESS_LENGTH) }),
  "parameters of a content type": {
    ...json("/v1:echo", "{}"),
    headers: { "content-type": fill(";a", ADDRESS_LENGTH) },
  },
  "a host of many names": get("/v1/operations/x", { "x-forwarded-host": fill("a.", ADDRESS_LENGTH) }),
  "segments of an address": get(`/v1/${fill("a/", ADDRESS_LENGTH)}operations`),
  "encoded slashes of an address": get(`/v1/${fill("%2f", ADDRESS_LENGTH)}`),
  "terms of a filter": get(
    `/v1/operations?filter=${encodeURIComponent(list(99, (index) => `metadata.a${index}=1`, " OR "))}`,
  ),
  "fields of an order": get(`/v1/operations?orderBy=${fill("a,", ADDRESS_LENGTH)}`),
  "a page token": get(`/v1/operations?pageToken=${fill("a", ADDRESS_LENGTH)}`),
  "brackets of JSON": json("/v1:echo", fill("[", BODY_LENGTH)),
  "numbers of JSON": json("/v1:echo", `{"a":${NUMBERS}}`),
  "more values of JSON than may be": json("/v1:echo", `{"a":[${fill("[],", BODY_LENGTH)}1]}`),
  "a long number of JSON": json("/v1:echo", `{"a":${fill("1", BODY_LENGTH)}}`),
  "keys of JSON": json("/v1:echo", KEYS),
  "escapes of JSON": json("/v1:echo", `{"a":"${fill("\\u0041", BODY_LENGTH)}"}`),
  "a long text of JSON": json("/v1:echo", `{"a":"${fill("x", BODY_LENGTH)}"}`),
  "keys that prototypes have": json("/v1:echo", `{"a":[${list(VALUES / 2, () => '{"__proto__":1}')}]}`),
  "fields that a schema does not know": json("/v1:strict", KEYS),
  "members that a schema refuses": json("/v1:strict", `{"texts":${NUMBERS}}`),
  "starts that are none": json("/v1:startOperations", `{"requests":[${fill("1,", BODY_LENGTH)}1]}`),
  "calls of a batch": calls("GET /v1/operations/x"),
  "lists in a batch": calls("GET /v1/operations?pageSize=1000"),
  "starts in a batch": calls(
    `POST /v1:echo HTTP/1.1\ncontent-type: application/json\n\n{"a":"${fill("x", 9_000)}"}`,
  ),
  "large starts in a batch": batch(
    Array.from({ length: 9 }, () => `POST /v1:echo HTTP/1.1\n\n{"a":${NUMBERS}}`),
  ),
  "false boundaries of a batch": batch([fill("--b\n--bx\n--b ", batchBytesMax - 1_000)]),
  "a long call in a batch": batch([`POST /v1:echo HTTP/1.1\n\n${fill("x", batchBytesMax - 1_000)}`]),
  "parameters of an RPC": get(`/v1/faces/a?${fill("numbers=1&", ADDRESS_LENGTH)}`),
  "a deep parameter of an RPC": get(`/v1/faces/a?${fill("inner.", ADDRESS_LENGTH)}id=1`),
  "numbers of an RPC": face(`{"numbers":${NUMBERS}}`),
  "numbers of an RPC, one wrong": face(`{"numbers":[${list(VALUES, () => "1")},true]}`),
  "messages of an RPC": face(`{"list":[${list(VALUES / 2, () => "{}")}]}`),
  "messages of an RPC, one wrong": face(`{"list":[${list(VALUES / 2, () => "{}")},1]}`),
  "messages of an RPC, one wrong at the bottom": face(
    `${fill('{"inner":', 9 * 29)}{"list":[${list(VALUES / 2, () => "{}")},1]}${fill("}", 29)}`,
  ),
  "members of a map of an RPC, all wrong": face(
    `{"faces":{${list(VALUES / 2, (index) => `"k${index}":{"x":1}`)}}}`,
  ),
  "unknown fields of an RPC": face(KEYS),
  "a long unknown field of an RPC": face(`{"${fill("a", BODY_LENGTH)}":1}`),
  "paths of a mask of an RPC": face(`{"mask":"${fill("a,", BODY_LENGTH)}a"}`),
  "fractions of a time": face(`{"time":"2026-01-01T00:00:00.${fill("1", BODY_LENGTH)}Z"}`),
  "fractions of a duration": face(`{"duration":"1.${fill("1", BODY_LENGTH)}s"}`),
  "an exponent of an RPC": face(`{"real":"1e${fill("1", BODY_LENGTH)}"}`),
  "bytes of an RPC": face(`{"bytes":"${fill("AA-_", BODY_LENGTH)}!"}`),
  "starts of one call": starts(startsMax, `{"method":"echo","request":{"a":"${fill("x", 900)}"}}`),
  "digits of an integer of an RPC": face(`{"long":"${fill("1", BODY_LENGTH)}"}`),
  "completions of one call": completions(
    remoteEntriesMax,
    `{${attempt},"response":{"a":"${fill("x", 2_900)}"}}`,
  ),
  "members of completions": completions(
    1_000,
    `{${attempt},"response":{${list(12, (index) => `"k${index}":1`)}}}`,
  ),
  "large completions": completions(2, `{${attempt},"response":{"a":"${fill("x", BODY_LENGTH)}"}}`),
  "completions that are none": completions(remoteEntriesMax, "1"),
  "more completions than may be": completions(VALUES, "1"),
  "unknown fields of many completions": completions(1_000, `{${list(15, (index) => `"k${index}":1`)}}`),
  "a response with many members": json(
    "/v1/operations/x:complete",
    `{"attempt":1,"token":"t","response":${KEYS}}`,
  ),
  "details of a failure": json(
    "/v1/operations/x:fail",
    `{"attempt":1,"token":"t","error":{"code":5,"details":[${list(VALUES / 2, () => '{"@type":"a/b"}')}]}}`,
  ),
  "methods of a claim": json(
    "/v1/operations:claim",
    `{"worker":"w","methods":[${list(VALUES, () => '"echo"')}]}`,
  ),
  "a token": json("/v1/operations/x:release", `{"attempt":1,"token":"${fill("t", BODY_LENGTH)}"}`),
  "line ends of a batch": batch([fill("\n", batchBytesMax - 1_000)]),
};
