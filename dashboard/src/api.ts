import { askForToken, token } from "./state/token.ts";

/** An error in one field of a request. */
export interface Violation {
  readonly field: string;
  readonly description: string;
}

/** An error answer of the server. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly reason: string;
  readonly violations: readonly Violation[];
  /** How long to wait before the next call, if the server says so. */
  readonly retryAfterMs: number | undefined;

  constructor(status: number, body: ErrorBody | undefined, retryAfterMs: number | undefined) {
    super(body?.message ?? `The server answered ${status}.`);
    this.status = status;
    this.code = body?.status ?? `HTTP ${status}`;
    const details = body?.details ?? [];
    this.reason = details.find((detail) => detail.reason !== undefined)?.reason ?? "";
    this.violations = details.flatMap((detail) => detail.fieldViolations ?? []);
    this.retryAfterMs = retryAfterMs;
  }
}

interface ErrorBody {
  readonly status?: string;
  readonly message?: string;
  readonly details?: readonly {
    readonly reason?: string;
    readonly fieldViolations?: readonly Violation[];
  }[];
}

/** The server did not answer, or answered that it is unavailable. */
export function isAway(error: unknown): boolean {
  return !(error instanceof ApiError) || error.status >= 500 || error.status === 429;
}

/** An answer, with its ETag, so that the server need not send it again if it has not changed. */
export interface Answer<T> {
  readonly value: T;
  readonly etag: string | null;
}

const BASE = new URL("v1/", document.baseURI);
const TIMEOUT_MS = 15_000;

/** Values of a query; empty values are left out. */
export type Parameters = Readonly<Record<string, string | number | undefined>>;

/** The path of a call, relative to the API, with its query. */
export function pathOf(path: string, parameters: Parameters = {}): string {
  const set = Object.entries(parameters).filter(([, value]) => value !== undefined && value !== "");
  const query = new URLSearchParams(set.map(([name, value]) => [name, String(value)])).toString();
  return query === "" ? path : `${path}?${query}`;
}

/** The path of an operation or a method. Slashes stay as they are; everything else is encoded. */
export function encodedName(name: string): string {
  return name.split("/").map(encodeURIComponent).join("/");
}

/** Reads a path. If the server says that the known answer still holds, returns the known answer. */
export async function read<T>(path: string, signal: AbortSignal, known?: Answer<T>): Promise<Answer<T>> {
  const headers: Record<string, string> = known?.etag ? { "if-none-match": known.etag } : {};
  const response = await send(path, {
    headers,
    signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
  });
  if (response.status === 304 && known !== undefined) return known;
  return { value: (await response.json()) as T, etag: response.headers.get("etag") };
}

/** Reads once. */
export async function readOnce<T>(path: string): Promise<T> {
  const response = await send(path, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  return (await response.json()) as T;
}

/** Asks the server for a change. */
export async function post<T>(path: string, body: object, signal?: AbortSignal): Promise<T> {
  const response = await send(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    signal: signal ?? AbortSignal.timeout(TIMEOUT_MS),
  });
  return (await response.json()) as T;
}

/** Asks the server to remove a resource. */
export async function remove(path: string): Promise<void> {
  await send(path, { method: "DELETE", signal: AbortSignal.timeout(TIMEOUT_MS) });
}

async function send(path: string, request: RequestInit): Promise<Response> {
  const headers = new Headers(request.headers);
  if (token.value !== "") headers.set("authorization", `Bearer ${token.value}`);
  // Without the dot `operations:start` would be an address of the scheme `operations`.
  const response = await fetch(new URL(`./${path}`, BASE), { ...request, headers, cache: "no-store" });
  if (response.ok || response.status === 304) return response;
  const error = await errorOf(response);
  if (error.status === 401) askForToken();
  throw error;
}

async function errorOf(response: Response): Promise<ApiError> {
  const body = (await response.json().catch(() => undefined)) as { readonly error?: ErrorBody } | undefined;
  const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
  return new ApiError(response.status, body?.error, Number.isNaN(seconds) ? undefined : seconds * 1_000);
}
