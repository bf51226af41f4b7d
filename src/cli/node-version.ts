/** The oldest Node that we run on; the same as `engines` in package.json. */
export const NODE_MAJOR_MIN = 24;

/** Whether a version of Node, such as `24.1.0`, is new enough. */
export function isNodeNewEnough(version: string): boolean {
  return Number.parseInt(version, 10) >= NODE_MAJOR_MIN;
}

/** What is said where it is not. */
export function oldNodeMessage(version: string): string {
  return (
    `error: longrunning needs Node ${NODE_MAJOR_MIN} or newer, and this is Node ${version}.\n` +
    "Install a newer one from https://nodejs.org, and see that it comes first in PATH.\n"
  );
}
