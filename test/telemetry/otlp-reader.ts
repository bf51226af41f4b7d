/**
 * Reads the parts of OTLP requests that tests check, as protobuf and as JSON.
 *
 * @see opentelemetry-proto, `trace/v1/trace.proto` and `metrics/v1/metrics.proto`; "JSON Protobuf
 *   Encoding" of OTLP/HTTP
 */
export interface ReadSpan {
  readonly service: string;
  readonly name: string;
  /** 2 server, 4 producer, 5 consumer. */
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly attributes: Readonly<Record<string, string>>;
  readonly events: readonly string[];
  /** 2 for an error. */
  readonly status: number;
}

/** A metric: the sum of its points, or the number of recorded values. */
export interface ReadMetric {
  readonly service: string;
  readonly name: string;
  readonly points: readonly {
    readonly attributes: Readonly<Record<string, string>>;
    readonly value: number;
  }[];
}

/**
 * The schema for reading a message: the number of each member that is read, and for messages their
 * own members.
 */
interface Shape {
  readonly [member: string]: readonly [
    number: number,
    form: "hex" | "text" | "number" | "double" | "fixed" | Shape,
  ];
}

const VALUE: Shape = {
  stringValue: [1, "text"],
  boolValue: [2, "number"],
  intValue: [3, "number"],
  doubleValue: [4, "double"],
};
const ATTRIBUTE: Shape = { key: [1, "text"], value: [2, VALUE] };
const RESOURCE: Shape = { attributes: [1, ATTRIBUTE] };
const LINK: Shape = { traceId: [1, "hex"], spanId: [2, "hex"] };
const SPAN: Shape = {
  traceId: [1, "hex"],
  spanId: [2, "hex"],
  parentSpanId: [4, "hex"],
  name: [5, "text"],
  kind: [6, "number"],
  attributes: [9, ATTRIBUTE],
  events: [11, { name: [2, "text"] }],
  links: [13, LINK],
  status: [15, { code: [3, "number"] }],
};
const TRACES: Shape = {
  resourceSpans: [1, { resource: [1, RESOURCE], scopeSpans: [2, { spans: [2, SPAN] }] }],
};
const NUMBER_POINT: Shape = { attributes: [7, ATTRIBUTE], asDouble: [4, "double"], asInt: [6, "fixed"] };
const HISTOGRAM_POINT: Shape = { attributes: [9, ATTRIBUTE], count: [4, "fixed"] };
const METRIC: Shape = {
  name: [1, "text"],
  gauge: [5, { dataPoints: [1, NUMBER_POINT] }],
  sum: [7, { dataPoints: [1, NUMBER_POINT] }],
  histogram: [9, { dataPoints: [1, HISTOGRAM_POINT] }],
};
const METRICS: Shape = {
  resourceMetrics: [1, { resource: [1, RESOURCE], scopeMetrics: [2, { metrics: [2, METRIC] }] }],
};

type Message = Readonly<Record<string, unknown>>;

/** The spans of a request to `/v1/traces`. */
export function readSpans(body: Uint8Array, isJson: boolean): ReadSpan[] {
  const request = isJson ? (JSON.parse(Buffer.from(body).toString()) as Message) : readMessage(body, TRACES);
  return all(request, "resourceSpans").flatMap((of) => {
    const service = attributesOf(one(of, "resource"))["service.name"] ?? "";
    const spans = all(of, "scopeSpans").flatMap((scope) => all(scope, "spans"));
    return spans.map((span) => ({
      service,
      name: String(span["name"]),
      kind: Number(span["kind"]),
      traceId: String(span["traceId"]),
      spanId: String(span["spanId"]),
      parentSpanId: textIn(span, "parentSpanId"),
      links: all(span, "links").map((link) => ({
        traceId: String(link["traceId"]),
        spanId: String(link["spanId"]),
      })),
      attributes: attributesOf(span),
      events: all(span, "events").map((event) => String(event["name"])),
      status: Number(one(span, "status")["code"] ?? 0),
    }));
  });
}

/** The metrics of a request to `/v1/metrics`. */
export function readMetrics(body: Uint8Array, isJson: boolean): ReadMetric[] {
  const request = isJson ? (JSON.parse(Buffer.from(body).toString()) as Message) : readMessage(body, METRICS);
  return all(request, "resourceMetrics").flatMap((of) => {
    const service = attributesOf(one(of, "resource"))["service.name"] ?? "";
    const metrics = all(of, "scopeMetrics").flatMap((scope) => all(scope, "metrics"));
    return metrics.map((metric) => ({
      service,
      name: String(metric["name"]),
      points: ["gauge", "sum", "histogram"]
        .flatMap((kind) => all(one(metric, kind), "dataPoints"))
        .map((point) => ({
          attributes: attributesOf(point),
          value: Number(point["asDouble"] ?? point["asInt"] ?? point["count"]),
        })),
    }));
  });
}

function attributesOf(of: Message): Record<string, string> {
  return Object.fromEntries(
    all(of, "attributes").map((attribute) => [
      String(attribute["key"]),
      String(Object.values(one(attribute, "value"))[0]),
    ]),
  );
}

function textIn(of: Message, member: string): string {
  const value = of[member];
  return typeof value === "string" ? value : "";
}

function all(of: Message, member: string): readonly Message[] {
  const value = of[member] ?? [];
  return (Array.isArray(value) ? value : [value]) as readonly Message[];
}

function one(of: Message, member: string): Message {
  return all(of, member)[0] ?? {};
}

/** Repeated members become lists. */
function readMessage(bytes: Uint8Array, shape: Shape): Message {
  const byNumber = new Map(
    Object.entries(shape).map(([member, [number, form]]) => [number, { member, form }]),
  );
  const read: Record<string, unknown> = {};
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at++] ?? 0;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    const known = byNumber.get(Math.floor(tag / 8));
    const { member = "", form = "text" } = known ?? {};
    let value: unknown;
    if (tag % 8 === 0) value = varint();
    else if (tag % 8 === 1) {
      value = form === "double" ? view.getFloat64(at, true) : Number(view.getBigUint64(at, true));
      at += 8;
    } else if (tag % 8 === 5) at += 4;
    else {
      const length = varint();
      value = valueOf(bytes.subarray(at, at + length), form);
      at += length;
    }
    if (known === undefined) continue;
    const before = read[member];
    read[member] =
      before === undefined
        ? value
        : Array.isArray(before)
          ? [...(before as unknown[]), value]
          : [before, value];
  }
  return read;
}

function valueOf(bytes: Uint8Array, form: Shape[string][1]): unknown {
  if (typeof form === "object") return readMessage(bytes, form);
  return Buffer.from(bytes).toString(form === "hex" ? "hex" : "utf8");
}
