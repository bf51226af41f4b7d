import { build, type Metafile } from "esbuild";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * `npm run build:dashboard`: builds the operators' page into `dist/dashboard`. The output is a
 * script and a style sheet, both named by a hash of their contents, an `index.html` that refers to
 * them, and the licences of the bundled packages. The new files are written before the old ones are
 * removed, so a server that starts during the build finds a complete page.
 */
const ROOT = fileURLToPath(new URL("../", import.meta.url));
const OUT = join(ROOT, "dist", "dashboard");

const { outputFiles, metafile } = await build({
  absWorkingDir: ROOT,
  entryPoints: [
    { in: "dashboard/src/main.tsx", out: "app" },
    { in: "dashboard/src/style.css", out: "app" },
  ],
  entryNames: "[name]-[hash]",
  outdir: OUT,
  bundle: true,
  format: "esm",
  target: ["es2023", "chrome123", "firefox120", "safari17.5"],
  tsconfig: "dashboard/tsconfig.json",
  minify: true,
  legalComments: "none",
  metafile: true,
  write: false,
});

const built = new Map(outputFiles.map(({ path, text }) => [basename(path), text]));
const names = Array.from(built.keys());
const page = names.reduce(
  (html, name) => html.replace(`./app${name.slice(name.lastIndexOf("."))}`, `./${name}`),
  readFileSync(join(ROOT, "dashboard/src/index.html"), "utf8"),
);

mkdirSync(OUT, { recursive: true });
for (const [name, text] of built) writeFileSync(join(OUT, name), text);
writeFileSync(join(OUT, "licences.txt"), licencesOf(metafile));
writeFileSync(join(OUT, "index.html"), page);
const kept = new Set([...names, "licences.txt", "index.html"]);
for (const name of readdirSync(OUT)) if (!kept.has(name)) rmSync(join(OUT, name), { recursive: true });

/** The licences of the packages that the build bundled. */
function licencesOf({ inputs }: Metafile): string {
  const packages = Object.keys(inputs).flatMap(
    (path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? [],
  );
  const texts = Array.from(new Set(packages))
    .toSorted()
    .map((name) => `${name}\n\n${readFileSync(join(ROOT, "node_modules", name, "LICENSE"), "utf8")}`);
  return texts.join("\n\n---\n\n");
}
