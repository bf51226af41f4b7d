import { HTTP_OK } from "../../wire/code.ts";
import { compressed, prefersGzip } from "../rest/compression.ts";
import type { Stop } from "./stop.ts";

/** The text format of Prometheus. */
const HEADERS = {
  "content-type": "text/plain; version=0.0.4; charset=utf-8",
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  vary: "Accept-Encoding",
};

/** Answers `/metrics`. @param show returns the current metrics as text; never rejects */
export function metricsPage(show: () => Promise<string>): Stop {
  return async ({ headers }) => {
    const text = await show();
    if (!prefersGzip(headers["accept-encoding"])) return { status: HTTP_OK, headers: HEADERS, body: text };
    return {
      status: HTTP_OK,
      headers: { ...HEADERS, "content-encoding": "gzip" },
      body: await compressed(text),
    };
  };
}
