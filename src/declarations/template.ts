/** A piece of a template: a fixed text, or the path of a member of the request. */
type TemplatePart = string | readonly string[];

/** A template, cut into its parts. */
export type Template = readonly TemplatePart[];

/**
 * The parts of a template such as `projects/{project}/disks/{disk.name}`.
 *
 * @throws {TypeError} with the reason if it is not a template
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

/** Reads a member of a request as text; empty if it is missing. */
export type MemberReader = (names: readonly string[]) => (request: unknown) => string;

/**
 * A function that fills a template from a request; empty if a member of the template is missing.
 *
 * @throws errors of `reader`
 */
export function filledBy(template: Template, reader: MemberReader): (request: unknown) => string {
  const parts = template.map((part) => (typeof part === "string" ? part : reader(part)));
  return (request) => {
    const texts = parts.map((part) => (typeof part === "string" ? part : part(request)));
    return texts.includes("") ? "" : texts.join("");
  };
}
