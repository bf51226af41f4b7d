import assert from "node:assert/strict";

/** A line with a value. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A metric as in its header lines. */
export interface ReadFamily {
  readonly help: string;
  readonly type: string;
  readonly samples: Sample[];
}

const LABEL = /(?:^|,)([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\n"])*)"/gy;
const LINE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/s;
const ESCAPES: Readonly<Record<string, string>> = { "\\\\": "\\", "\\n": "\n", '\\"': '"' };

/**
 * Reads text of the format 0.0.4 as strictly as its specification: every line ends with a line
 * feed, every metric has one header and one block, and no series occurs twice.
 */
export function readExposition(text: string): ReadonlyMap<string, ReadFamily> {
  assert.ok(text === "" || text.endsWith("\n"), "the last line ends");
  const families = new Map<string, ReadFamily>();
  let name = "";
  const seen = new Set<string>();
  for (const line of text.split("\n").slice(0, -1)) {
    const [, word, about, rest = ""] = /^# (HELP|TYPE) (\S+) (.*)$/s.exec(line) ?? [];
    if (word === "HELP") {
      assert.ok(about !== undefined && !families.has(about), `${about} stands in one piece`);
      name = about;
      families.set(name, { help: unescape(rest), type: "", samples: [] });
    } else if (word === "TYPE") {
      assert.equal(about, name);
      families.set(name, { ...familyOf(families, name), type: rest });
    } else {
      const sample = readSample(line);
      const { type, samples } = familyOf(families, name);
      const own = type === "histogram" ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name];
      assert.ok(own.includes(sample.name), `${sample.name} stands below its own head`);
      const key = JSON.stringify([sample.name, Object.entries(sample.labels)]);
      assert.ok(!seen.has(key), `${key} is there once`);
      seen.add(key);
      samples.push(sample);
    }
  }
  return families;
}

/** The value of the only sample with a name and these labels; undefined if there is none. */
export function valueOf(
  text: string,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | undefined {
  const samples = [...readExposition(text).values()].flatMap((family) => family.samples);
  const found = samples.filter(
    (sample) =>
      sample.name === name &&
      Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
  );
  assert.ok(found.length <= 1, `${found.length} samples of ${name} fit`);
  return found[0]?.value;
}

function familyOf(families: ReadonlyMap<string, ReadFamily>, name: string): ReadFamily {
  const family = families.get(name);
  assert.ok(family !== undefined, "a head comes before its values");
  return family;
}

function readSample(line: string): Sample {
  const [, name = "", inBraces = "", value = ""] = LINE.exec(line) ?? [];
  assert.notEqual(name, "", `a line of a value: ${line}`);
  const labels: Record<string, string> = {};
  let read = 0;
  for (const [whole, label = "", text = ""] of inBraces.matchAll(LABEL)) {
    assert.ok(!(label in labels), `labels: ${inBraces}`);
    labels[label] = unescape(text);
    read += whole.length;
  }
  assert.equal(read, inBraces.length, `labels: ${inBraces}`);
  return { name, labels, value: value === "+Inf" ? Number.POSITIVE_INFINITY : Number(value) };
}

function unescape(text: string): string {
  return text.replaceAll(/\\[\\n"]/g, (escaped) => ESCAPES[escaped] ?? escaped);
}
