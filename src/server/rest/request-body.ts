import { serviceError } from "../../core/error/error.ts";
import { LIMITS } from "../../core/limits.ts";
import type { JsonObject } from "../../core/operation/payload.ts";
import { decompressed, parseJsonObject } from "./body.ts";
import { type BodyKind, bodyKindOf, contentTypeOf, formParameters } from "./media-type.ts";
import type { QueryParameter } from "./query.ts";
import type { RestRequest } from "./request.ts";

/** The body of a request, for calls that need it. */
export interface RequestBody {
  /**
   * The JSON object in the body; `{}` if it is empty.
   *
   * @param bytesMax the limit, compressed and decompressed. @default LIMITS.bodyBytesMax
   * @throws {StatusError} INVALID_ARGUMENT
   */
  readObject(bytesMax?: number): Promise<JsonObject>;
  /** Whether the body was so large that its call must yield the event loop. */
  readonly isLarge?: boolean;
}

/** Decoding a thousand small messages takes some milliseconds. */
const LARGE_BYTES = 4_096;

/** The body of a request without one. */
export const NO_BODY: RequestBody = { readObject: () => Promise.resolve({}) };

/**
 * Form parameters are treated like query parameters (contract section 3.4); any other body is read
 * when a call asks for it.
 */
export async function bodyOf(
  request: RestRequest,
  query: readonly QueryParameter[],
): Promise<{ readonly query: readonly QueryParameter[]; readonly body: RequestBody }> {
  const kind = bodyKindOf(contentTypeOf(query, request.headers["content-type"]));
  if (kind !== "form") return { query, body: new UnreadBody(request, kind) };
  const bytes = await readWhole(request);
  const inBody = formParameters(bytes);
  if (inBody !== undefined) return { query: [...query, ...inBody], body: NO_BODY };
  return { query, body: { readObject: async () => parseJsonObject(bytes) } };
}

/** An object without closures, because each of ten thousand waiting callers has one. */
class UnreadBody implements RequestBody {
  readonly #request: RestRequest;
  readonly #kind: BodyKind;
  isLarge = false;

  constructor(request: RestRequest, kind: BodyKind) {
    this.#request = request;
    this.#kind = kind;
  }

  async readObject(bytesMax?: number): Promise<JsonObject> {
    const bytes = checkKind(await readWhole(this.#request, bytesMax), this.#kind, this.#request);
    this.isLarge = bytes.length > LARGE_BYTES;
    return parseJsonObject(bytes);
  }
}

async function readWhole(request: RestRequest, bytesMax: number = LIMITS.bodyBytesMax): Promise<Uint8Array> {
  const { contentEncoding } = request;
  const bytes = await request.readBody(bytesMax);
  const whole = await decompressed(bytes, contentEncoding, bytesMax);
  request.keepBody(whole.length);
  return whole;
}

/**
 * An empty body may have any type. @throws {StatusError} INVALID_ARGUMENT CONTENT_TYPE_UNSUPPORTED
 */
function checkKind(bytes: Uint8Array, kind: string, request: RestRequest): Uint8Array {
  if (kind === "json" || bytes.length === 0) return bytes;
  const shown = (request.headers["content-type"] ?? "").slice(0, 100);
  throw serviceError(
    "CONTENT_TYPE_UNSUPPORTED",
    `Invalid content type "${shown}": expected application/json.`,
    { metadata: { contentType: shown } },
  );
}
