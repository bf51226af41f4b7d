import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { PageFiles } from "./files.ts";

const folder = mkdtempSync(join(tmpdir(), "longrunning-page-"));
const page = "<!doctype html><title>Operators</title>";
const script = "export const a = 1;\n".repeat(100);
writeFileSync(join(folder, "index.html"), page);
writeFileSync(join(folder, "app-1A2b3C4d.js"), script);
writeFileSync(join(folder, "LICENCES.txt"), "MIT");
writeFileSync(join(folder, "secret.pem"), "no");
after(() => rmSync(folder, { recursive: true }));
const read = () => PageFiles.read(pathToFileURL(`${folder}/`));
const get = (headers: Record<string, string> = {}, method = "GET") => ({ headers, method });

describe("PageFiles", () => {
  it("serves the page for revalidation, and hashed files for ever", async () => {
    const files = await read();
    const { status, headers, body } = files.answer("", get());
    assert.deepEqual(
      [status, headers["content-type"], headers["cache-control"]],
      [200, "text/html; charset=UTF-8", "no-cache"],
    );
    assert.equal(String(body), page);
    assert.equal(files.answer("index.html", get()).headers["etag"], headers["etag"]);
    const hashed = files.answer("app-1A2b3C4d.js", get());
    assert.deepEqual(
      [hashed.headers["content-type"], hashed.headers["cache-control"]],
      ["text/javascript; charset=UTF-8", "public, max-age=31536000, immutable"],
    );
    assert.equal(files.answer("LICENCES.txt", get()).headers["cache-control"], "no-cache");
  });

  it("sends the encoding that the browser prefers, or says that its copy is current", async () => {
    const files = await read();
    const name = "app-1A2b3C4d.js";
    const br = files.answer(name, get({ "accept-encoding": "gzip, deflate, br" }));
    assert.equal(br.headers["content-encoding"], "br");
    assert.equal(String(brotliDecompressSync(br.body)), script);
    const zip = files.answer(name, get({ "accept-encoding": "gzip, br;q=0" }));
    assert.equal(zip.headers["content-encoding"], "gzip");
    assert.equal(String(gunzipSync(zip.body)), script);
    const etag = files.answer("", get()).headers["etag"] ?? "";
    const kept = files.answer("", get({ "if-none-match": `W/${etag}` }));
    assert.deepEqual([kept.status, kept.body], [304, ""]);
  });

  it("has nothing else, and names the command that builds the page if it is missing", async () => {
    const files = await read();
    for (const name of ["secret.pem", "../package.json", "app.js", "%2e%2e/x"])
      assert.equal(files.answer(name, get()).status, 404, name);
    assert.equal(files.answer("", get({}, "POST")).status, 404);
    const none = await PageFiles.read(pathToFileURL(`${folder}/missing/`));
    const { status, body } = none.answer("", get());
    assert.deepEqual(
      [status, body],
      [404, "The dashboard is not built. Build it with: npm run build:dashboard\n"],
    );
  });
});
