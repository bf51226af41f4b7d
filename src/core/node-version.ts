/** The oldest major version of Node that runs the package; the same as `engines` in package.json. */
export const NODE_MAJOR_MIN = 24;

/** Whether a version of Node, such as `24.1.0`, is new enough. */
export function isNodeNewEnough(version: string): boolean {
  return Number.parseInt(version, 10) >= NODE_MAJOR_MIN;
}

/** One line: the version that is needed, the version that runs, and what to do. */
export function oldNodeMessage(version: string): string {
  return (
    `longrunning needs Node ${NODE_MAJOR_MIN} or newer, and this is Node ${version}. ` +
    "Install a newer one from https://nodejs.org, and put it first in PATH."
  );
}
