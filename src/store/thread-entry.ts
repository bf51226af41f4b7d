/**
 * The entry file of a thread, in the folder of a module: `.ts` in the sources, `.js` in the
 * package. Call it when the thread starts, and not when the module is loaded: a module that was
 * bundled into CommonJS has no address, and must load before it can refuse to run
 * (`checkOwnFiles`).
 *
 * @param name the file's name without `-thread-entry`
 * @param address the module's address
 */
export function threadEntry(name: string, address: string): URL {
  return new URL(`./${name}-thread-entry${address.endsWith(".ts") ? ".ts" : ".js"}`, address);
}
