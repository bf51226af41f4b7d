import { compare, type Sample } from "../compare.ts";
import { call, type Measure, type Setting, startServer } from "../measure.ts";
import { storedOperations, storedPaths } from "../stored.ts";

const FEW = 10_000;
/** More distinct operations than any cache of answers holds. */
const MANY_PATHS = 100_000;

/** GETs of `count` different operations that are stored in the file. */
const gets = (file: string, count: number) => ({ paths: storedPaths(file, count), connections: 64 });

export const getStored: Measure = {
  name: "get-stored",
  title: "GET with many stored operations, against GET with 10,000",
  async run(setting) {
    const { stored } = setting.size;
    const [smallFile, largeFile] = [
      await storedOperations(setting, FEW),
      await storedOperations(setting, stored),
    ];
    await using small = await startServer(setting, { file: smallFile });
    await using large = await startServer(setting, { file: largeFile });
    const comparison = await compare(setting, [
      { child: small, load: gets(smallFile, FEW) },
      { child: large, load: gets(largeFile, FEW) },
      { child: large, load: gets(largeFile, MANY_PATHS) },
    ]);
    const [few, spread, many] = comparison.samples as [Sample, Sample, Sample];
    const times = (index: number): number => comparison.times(index, 0).microsecondsPerRequest;
    return {
      figures: {
        stored,
        "CPU µs/request at 10,000": few.microsecondsPerRequest,
        "CPU µs/request": spread.microsecondsPerRequest,
        "CPU µs/request, 100,000 different": many.microsecondsPerRequest,
        "requests/s": spread.requestsPerSecond,
      },
      checks: [
        { what: "CPU, times that at 10,000", value: times(1), limit: 1.25, rule: "at most" },
        { what: "CPU, 100,000 different, times", value: times(2), limit: 1.25, rule: "at most" },
      ],
      notes: [
        "In both files, 10,000 different operations are read, spread evenly over all stored operations.",
      ],
    };
  },
};

interface Page {
  readonly operations?: readonly unknown[];
  readonly nextPageToken?: string;
}

export const listPages: Measure = {
  name: "list",
  title: "List: a late page against the first page, and a filter that matches 1 in 1,000",
  async run(setting) {
    const { stored, page } = setting.size;
    await using server = await startServer(setting, { file: await storedOperations(setting, stored) });
    const late = await pathOfPage(server.url, page);
    const load = (path: string) => ({ child: server, load: { paths: [path], connections: 4 } });
    const comparison = await compare(setting, [load("/v1/operations"), load(late)]);
    const [first, last] = comparison.samples as [Sample, Sample];
    const filtered = await filterFigures(setting, server.url);
    return {
      figures: {
        stored,
        page,
        "CPU µs, first page": first.microsecondsPerRequest,
        "CPU µs, late page": last.microsecondsPerRequest,
        ...filtered.figures,
      },
      checks: [
        {
          what: "CPU, times that of page 1",
          value: comparison.times(1, 0).microsecondsPerRequest,
          limit: 1.5,
          rule: "at most",
        },
      ],
      notes: ["Pages have 50 operations.", ...filtered.notes],
    };
  },
};

/** Walks from page to page up to one page. @returns the path of this page */
async function pathOfPage(url: string, page: number): Promise<string> {
  let path = "/v1/operations";
  for (let at = 1; at < page; at++) {
    const { nextPageToken = "" } = await call<Page>(url, path);
    if (nextPageToken === "") throw new Error(`The list ended on page ${at}`);
    path = `/v1/operations?pageToken=${encodeURIComponent(nextPageToken)}`;
  }
  return path;
}

/**
 * The time of a caller that follows the page tokens, to the first match and to a full page of
 * matches.
 */
async function filterFigures(
  { size }: Setting,
  url: string,
): Promise<{ readonly figures: Record<string, number>; readonly notes: readonly string[] }> {
  const filter = encodeURIComponent('metadata.state = "FAILED"');
  const began = performance.now();
  const wanted = Math.min(50, size.stored / 1_000 - 1);
  let [found, calls, token, firstCallMs] = [0, 0, "", 0];
  try {
    while (found < wanted) {
      const page = await call<Page>(
        url,
        `/v1/operations?filter=${filter}&pageToken=${encodeURIComponent(token)}`,
      );
      calls++;
      firstCallMs ||= performance.now() - began;
      found += page.operations?.length ?? 0;
      token = page.nextPageToken ?? "";
      if (token === "") break;
    }
  } catch (error) {
    const why = error instanceof Error ? error.message.split("\n")[0] : String(error);
    return { figures: {}, notes: [`The filter is refused: ${why}`] };
  }
  return {
    figures: {
      "filter: first answer ms": firstCallMs,
      "filter: matches": found,
      "filter: calls for them": calls,
      "filter: ms for them": performance.now() - began,
    },
    notes: [],
  };
}
