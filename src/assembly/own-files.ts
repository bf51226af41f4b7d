/** The end of this module's address, as published and in the repository. */
const OWN_PATH = /\/assembly\/own-files\.[jt]s$/;

/**
 * Refuses to run without the files of this package: it starts threads from some of them, and reads
 * migrations from others. A bundler copies only the code.
 *
 * @param url the address of this module, or of the file that it was copied into; undefined in
 *   CommonJS
 * @throws {TypeError} if this module was copied into another file, with the remedy
 */
export function checkOwnFiles(url: string | undefined = import.meta.url): void {
  if (url !== undefined && OWN_PATH.test(url)) return;
  throw new TypeError(
    `longrunning was bundled into ${url ?? "another file"}, and needs its own files, such as those of its threads. ` +
      "Leave it out of the bundle (esbuild: --external:longrunning; webpack and Next.js: externals), " +
      "and install it beside the bundle.",
  );
}
