import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { suite, test } from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const FOLDER = fileURLToPath(new URL("../../dist/dashboard/", import.meta.url));
const read = (name: string): Buffer => readFileSync(join(FOLDER, name));
const one = (pattern: RegExp): string => {
  const found = readdirSync(FOLDER).filter((name) => pattern.test(name));
  assert.equal(found.length, 1, `one file ${String(pattern)} in ${readdirSync(FOLDER).join(", ")}`);
  return found[0] ?? "";
};
const weigh = (name: string): number => gzipSync(read(name), { level: 9 }).length;
const KB = 1_024;

suite("the built page (npm run build:dashboard)", () => {
  test("is small: script, style, and everything on the first load", () => {
    const script = weigh(one(/^app-\w+\.js$/));
    const style = weigh(one(/^app-\w+\.css$/));
    assert.ok(script <= 48 * KB, `the script has ${script} bytes`);
    assert.ok(style <= 8 * KB, `the style has ${style} bytes`);
    const all = script + style + weigh("index.html");
    assert.ok(all <= 60 * KB, `all have ${all} bytes`);
  });

  test("refers only to its own files, by relative addresses", () => {
    const html = read("index.html").toString();
    const addresses = Array.from(html.matchAll(/(?:src|href)="([^"]+)"/g), ([, address]) => address);
    assert.deepEqual(addresses, ["data:,", `./${one(/\.css$/)}`, `./${one(/\.js$/)}`]);
    assert.doesNotMatch(html, /<script>|<style|\son\w+=/);
    assert.doesNotMatch(read(one(/\.css$/)).toString(), /url\(|@import|@font-face/);
  });

  test("contains the licences of the bundled packages", () => {
    const licences = read("licences.txt").toString();
    for (const name of ["preact", "@preact/signals", "@preact/signals-core"]) {
      assert.match(licences, new RegExp(`^${name}\\n\\n`, "m"));
    }
    assert.match(licences, /Permission is hereby granted/);
  });
});
