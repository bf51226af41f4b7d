import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { PassThrough } from "node:stream";
import { suite, test } from "node:test";
import { LIMITS } from "../../core/limits.ts";
import { readBytes } from "./body.ts";
import { bodyReadByOthers, contentEncodingOf, isReadByOthers } from "./read-by-others.ts";

/** No room is needed for bytes that are here. */
const NOT_ASKED = { take: () => assert.fail(), keep: () => assert.fail() };

/** A request whose body other code has read, with what that left behind. */
async function readRequest(
  text: string,
  left: Readonly<Record<string, unknown>>,
  type = "application/json",
): Promise<IncomingMessage> {
  const request = new PassThrough();
  const headers = { "content-type": type, "content-encoding": "gzip" };
  Object.assign(request, { headers, httpVersionMajor: 1, ...left });
  request.end(text);
  await request.forEach(() => undefined);
  return request as unknown as IncomingMessage;
}

const textOf = async (...given: Parameters<typeof readRequest>): Promise<string> =>
  Buffer.from(bodyReadByOthers(await readRequest(...given))).toString();

suite("a body that other code has read", () => {
  test("is taken from where body parsers put it, bytes first", async () => {
    const rawBody = Buffer.from('{"a":1.0}');
    assert.equal(await textOf('{"a":1.0}', { rawBody, body: { a: 1 } }), '{"a":1.0}');
    assert.equal(await textOf("{}", { body: Buffer.from('{"b":2}') }), '{"b":2}');
    assert.equal(await textOf("a=1", { body: '{"c":3}' }, "application/x-www-form-urlencoded"), '{"c":3}');
    assert.equal(await textOf("{}", { body: { d: [4] } }), '{"d":[4]}');
    assert.equal(await textOf("null", { body: null }), "null");
  });

  test("is empty if there was none", async () => {
    assert.equal(await textOf("", {}), "");
    assert.equal(await textOf("", { body: {} }, "application/x-www-form-urlencoded"), "");
  });

  const circular: Record<string, unknown> = {};
  circular["self"] = circular;
  const lost: [sentence: string, left: Record<string, unknown>, type?: string][] = [
    ["nobody kept it", {}],
    ["it is not JSON any more", { body: { big: 1n } }],
    ["it has no end", { body: circular }],
    ["it was parsed as a form", { body: { '{"a":"b c"}': "" } }, "application/x-www-form-urlencoded"],
  ];
  for (const [sentence, left, type] of lost) {
    test(`is refused if ${sentence}`, async () => {
      const request = await readRequest('{"a":"b+c"}', left, type);
      assert.throws(() => bodyReadByOthers(request), { code: "INTERNAL", reason: "BODY_CONSUMED" });
      await assert.rejects(readBytes(request, 100, NOT_ASKED), { reason: "BODY_CONSUMED" });
    });
  }

  test("has the limit of all bodies", async () => {
    const body = { a: "a".repeat(LIMITS.bodyBytesMax) };
    const request = await readRequest("{}", { body });
    await assert.rejects(readBytes(request, LIMITS.bodyBytesMax, NOT_ASKED), { reason: "BODY_TOO_LARGE" });
  });

  test("is refused if only its beginning was read", async () => {
    const request = new PassThrough() as unknown as IncomingMessage & PassThrough;
    Object.assign(request, { headers: {} });
    request.write('{"a":');
    assert.equal(String(request.read()), '{"a":');
    request.end("1}");
    await assert.rejects(readBytes(request, 100, NOT_ASKED), { reason: "BODY_CONSUMED" });
  });

  test("is no longer compressed", async () => {
    assert.equal(contentEncodingOf(await readRequest("{}", { body: {} })), undefined);
    const unread = Object.assign(new PassThrough(), { headers: { "content-encoding": "gzip" } });
    assert.equal(isReadByOthers(unread as unknown as IncomingMessage), false);
    assert.equal(contentEncodingOf(unread as unknown as IncomingMessage), "gzip");
  });
});
