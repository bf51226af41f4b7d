import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { StatusError } from "../../../core/error/error.ts";
import { LIMITS } from "../../../core/limits.ts";
import { boundaryOf, parseMultipart, parseSection, type Section } from "./multipart.ts";

const PYTHON = "===============7330845974216740156==";
const bytes = (text: string): Uint8Array => Buffer.from(text, "latin1");

/** The parts of a body, and the number of turns that its parser gave to others. */
function parse(body: Uint8Array, boundary: string, partsMax: number): [readonly Section[], turns: number] {
  const steps = parseMultipart(body, boundary, partsMax);
  for (let turns = 0; ; turns++) {
    const step = steps.next();
    if (step.done === true) return [step.value, turns];
  }
}

const parsed = (text: string, boundary: string, partsMax: number): readonly Section[] =>
  parse(bytes(text), boundary, partsMax)[0];

function isInvalid(error: unknown): boolean {
  return error instanceof StatusError && error.reason === "BATCH_INVALID";
}

suite("boundaryOf()", () => {
  const cases: [contentType: string, boundary: string][] = [
    [`multipart/mixed; boundary="${PYTHON}"`, PYTHON],
    ["multipart/mixed; boundary=batch_x", "batch_x"],
    ['Multipart/Mixed;charset=utf-8; BOUNDARY="a b"; x=y', "a b"],
  ];
  for (const [contentType, boundary] of cases) {
    test(`of ${contentType} (contract 5.4)`, () => assert.equal(boundaryOf(contentType), boundary));
  }

  for (const contentType of [
    undefined,
    "application/json",
    "multipart/mixed",
    'multipart/mixed; boundary=""',
    "multipart/form-data; boundary=a",
    `multipart/mixed; boundary=${"a".repeat(71)}`,
  ]) {
    test(`refuses ${contentType}`, () => assert.throws(() => boundaryOf(contentType), isInvalid));
  }
});

suite("parseMultipart()", () => {
  for (const [sentence, end] of [
    ["LF, as Python does", "\n"],
    ["CRLF", "\r\n"],
  ] as const) {
    test(`accepts lines that end with ${sentence} (contract 5.4)`, () => {
      const text = [
        "preamble",
        `--${PYTHON}`,
        "Content-Type: application/http",
        "Content-ID: <a + 1>",
        "",
        "one",
        "",
        `--${PYTHON}  `,
        "",
        `two --${PYTHON}`,
        `--${PYTHON}--`,
        "epilogue",
      ].join(end);
      const parts = parsed(text, PYTHON, 2);
      assert.equal(parts.length, 2);
      assert.deepEqual(
        { ...parts[0]?.headers },
        { "content-type": "application/http", "content-id": "<a + 1>" },
      );
      assert.equal(parts[0]?.body, `one${end}`);
      assert.equal(parts[1]?.body, `two --${PYTHON}`);
    });
  }

  test("accepts an empty part, and a batch without parts", () => {
    assert.deepEqual(
      parsed("--a\n--a--", "a", 9).map(({ body }) => body),
      [""],
    );
    assert.deepEqual(parsed("--a--", "a", 9), []);
  });

  const refused: [sentence: string, text: string][] = [
    ["no boundary", "hello"],
    ["another boundary", "--b\n\n--b--"],
    ["no end, as of a body that was cut", "--a\n\nGET /\n"],
    ["a longer boundary", "--ab\n\n--ab--"],
    ["too many parts", `${"--a\n\nx\n".repeat(3)}--a--`],
    ["nothing", ""],
  ];
  for (const [sentence, text] of refused) {
    test(`refuses ${sentence}`, () => assert.throws(() => parsed(text, "a", 2), isInvalid));
  }

  test("answers every input with parts or a StatusError, and in time", () => {
    const piece = fc.constantFrom("--a", "--", "a", "\n", "\r\n", "\r", " ", ":", "x", "--a--");
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        try {
          for (const { body } of parsed(pieces.join(""), "a", 100)) assert.ok(!body.startsWith("--a\n"));
        } catch (error) {
          assert.ok(isInvalid(error), String(error));
        }
      }),
    );
    // With a quadratic parser this would take minutes.
    assert.throws(() => parsed("--a ".repeat(1_000_000), "a", 10), isInvalid);
  });

  test("gives other calls their turns in a large body, and finds boundaries at the ends of its steps", () => {
    const step = 1_048_576;
    for (const before of [-5, -4, -3, -2, -1, 0, 1]) {
      const first = `--a\n\n${"x".repeat(step + before - 5)}\n--a\n\n`;
      const body = bytes(`${first}${"y".repeat(2 * step)}\n--a--`);
      const [parts, turns] = parse(body, "a", 2);
      assert.deepEqual(
        parts.map(({ body: text }) => text.length),
        [step + before - 5, 2 * step],
      );
      assert.ok(turns >= 2, `${turns} turns`);
    }
    assert.equal(parse(bytes("--a\n\nx\n--a--"), "a", 2)[1], 0);
  });

  test("ignores lines that begin like a boundary, up to a maximum", () => {
    const { batchFalseBoundariesMax } = LIMITS;
    const most = `--a\n\n${"--ab\n".repeat(batchFalseBoundariesMax)}`;
    assert.equal(parsed(`${most}--a--`, "a", 2).length, 1);
    assert.throws(() => parsed(`${most}--ab\n--a--`, "a", 2), isInvalid);
    assert.equal(parsed("--a\n\nx --a\n --a\n--a--", "a", 2).length, 1);
  });
});

test("parseSection() reads headers, including folded ones, and keeps the body unchanged", () => {
  const { headers, body } = parseSection("A: b\r\n  c\r\n__proto__: d\r\nnonsense\r\n\r\nx\r\n\r\ny");
  assert.deepEqual(Object.entries(headers), [
    ["a", "b c"],
    ["__proto__", "d"],
  ]);
  assert.equal(body, "x\r\n\r\ny");
  assert.equal(parseSection("\nx").body, "x");
  assert.equal(parseSection("a: b").body, "");
});

suite("parseSection() accepts", () => {
  const { headersMax, headerBytesMax } = LIMITS;
  const refused = { reason: "HEADERS_TOO_LARGE" };

  test("a limited number of headers", () => {
    const most = Array.from({ length: headersMax }, (_, index) => `h${index}: v`);
    assert.equal(Object.keys(parseSection(`${most.join("\n")}\n\nx`).headers).length, headersMax);
    assert.throws(() => parseSection(`${[...most, "a: b"].join("\n")}\n\nx`), refused);
  });

  for (const end of ["\n", "\r\n"]) {
    test(`a limited number of bytes of headers, with ${JSON.stringify(end)}`, () => {
      const most = `a: ${"v".repeat(headerBytesMax - 3)}`;
      assert.equal(parseSection(`${most}${end}${end}x`).body, "x");
      assert.throws(() => parseSection(`${most}v${end}${end}x`), refused);
      assert.throws(() => parseSection("v".repeat(5_000_000)), refused);
    });
  }

  test("a body of any length after them", () => {
    const body = "x\n".repeat(1_000_000);
    assert.equal(parseSection(`a: b\n\n${body}`).body, body);
    assert.equal(parseSection(`\n${body}`).body, body);
  });
});
