/** A piece of a template: a text that stays, or the path of a member of the request. */
type TemplatePart = string | readonly string[];

/** A template, cut into its parts. */
export type Template = readonly TemplatePart[];

/**
 * The parts of a template such as `projects/{project}/disks/{disk.name}`.
 *
 * @throws {TypeError} saying what is no template
 */
export function templateParts(template: string): Template {
  const parts: TemplatePart[] = [];
  for (const [piece, path] of template.matchAll(/[^{}]+|\{([^{}]*)\}|[{}]/g)) {
    if (piece === "{" || piece === "}")
      throw new TypeError(
        `expected a template such as projects/{project}, got a "${piece}" that stands alone`,
      );
    if (path !== undefined && !/^[^.\s]+(?:\.[^.\s]+)*$/.test(path))
      throw new TypeError(
        `expected the path of a member in braces, such as {disk.name}, got "${piece.slice(0, 100)}"`,
      );
    parts.push(path === undefined ? piece : path.split("."));
  }
  return parts;
}

/** Reads a member of a request as text; empty where it is not there. */
export type MemberReader = (names: readonly string[]) => (request: unknown) => string;

/**
 * A function of a request that fills a template; empty where a member that it names is not there.
 *
 * @throws whatever `reader` throws
 */
export function filledBy(template: Template, reader: MemberReader): (request: unknown) => string {
  const parts = template.map((part) => (typeof part === "string" ? part : reader(part)));
  return (request) => {
    const texts = parts.map((part) => (typeof part === "string" ? part : part(request)));
    return texts.includes("") ? "" : texts.join("");
  };
}
