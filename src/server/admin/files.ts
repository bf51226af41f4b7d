import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { promisify } from "node:util";
import { brotliCompress, gzip } from "node:zlib";
import { HTTP_NOT_FOUND, HTTP_NOT_MODIFIED, HTTP_OK } from "../../wire/code.ts";
import { prefersGzip } from "../rest/compression.ts";
import type { Reply } from "../rest/reply.ts";

/** The folder of the built page. It is next to `src`, and next to `dist` in the package. */
const folderOfPage = (): URL => new URL("../../../dist/dashboard/", import.meta.url);

const TYPES: Readonly<Record<string, string>> = {
  html: "text/html; charset=UTF-8",
  js: "text/javascript; charset=UTF-8",
  css: "text/css; charset=UTF-8",
  svg: "image/svg+xml",
  txt: "text/plain; charset=UTF-8",
};
/** Names that contain a hash of the file's content. */
const HASHED = /-[A-Za-z0-9_-]{8,}\.(?:js|css)$/;

/** A file of the page, in all forms in which it is sent. */
interface PageFile {
  readonly headers: Readonly<Record<string, string>>;
  readonly etag: string;
  readonly plain: Buffer;
  readonly gzip: Buffer;
  readonly br: Buffer;
}

/** The files of the operators' page, read once and served from memory. */
export class PageFiles {
  readonly #files: ReadonlyMap<string, PageFile>;

  private constructor(files: ReadonlyMap<string, PageFile>) {
    this.#files = files;
  }

  /** Reads and compresses the files. Empty if the page was not built. */
  static async read(folder: URL = folderOfPage()): Promise<PageFiles> {
    const names = namesIn(folder);
    const files = names.map(async (name) => [name, await pageFile(name, new URL(name, folder))] as const);
    return new PageFiles(new Map(await Promise.all(files)));
  }

  /** @param name the name of the file; empty for the page itself */
  answer(name: string, { headers, method }: Pick<IncomingMessage, "headers" | "method">): Reply {
    const file = this.#files.get(name === "" ? "index.html" : name);
    if (file === undefined || (method !== "GET" && method !== "HEAD")) return this.#nothing(name);
    if (headers["if-none-match"]?.includes(file.etag) === true)
      return { status: HTTP_NOT_MODIFIED, headers: { etag: file.etag, vary: "Accept-Encoding" }, body: "" };
    const accepted = headers["accept-encoding"];
    if (/\bbr\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/.test(accepted ?? "")) return sent(file, file.br, "br");
    return prefersGzip(accepted) ? sent(file, file.gzip, "gzip") : sent(file, file.plain);
  }

  #nothing(name: string): Reply {
    const body =
      this.#files.size === 0
        ? "The dashboard is not built. Build it with: npm run build:dashboard\n"
        : `The dashboard has no file ${JSON.stringify(name.slice(0, 100))}.\n`;
    const headers = { "content-type": TYPES["txt"] ?? "", "cache-control": "no-store" };
    return { status: HTTP_NOT_FOUND, headers, body };
  }
}

function namesIn(folder: URL): readonly string[] {
  try {
    return readdirSync(folder).filter((name) => extensionOf(name) in TYPES);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

async function pageFile(name: string, url: URL): Promise<PageFile> {
  const plain = readFileSync(url);
  const isHashed = HASHED.test(name);
  return {
    headers: {
      "content-type": TYPES[extensionOf(name)] ?? "",
      "cache-control": isHashed ? "public, max-age=31536000, immutable" : "no-cache",
      vary: "Accept-Encoding",
    },
    etag: `"${createHash("sha256").update(plain).digest("base64url").slice(0, 22)}"`,
    plain,
    gzip: await promisify(gzip)(plain, { level: 9 }),
    br: await promisify(brotliCompress)(plain),
  };
}

function sent({ headers, etag }: PageFile, body: Buffer, encoding?: string): Reply {
  const encoded: Readonly<Record<string, string>> =
    encoding === undefined ? {} : { "content-encoding": encoding };
  return { status: HTTP_OK, headers: { ...headers, etag, ...encoded }, body };
}

function extensionOf(name: string): string {
  return name.slice(name.lastIndexOf(".") + 1);
}
