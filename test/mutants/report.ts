import type { Outcome } from "./trials.ts";

/** The share that must be caught: in each room, and overall. */
const ROOM_PART_MIN = 0.9;
const ALL_PART_MIN = 0.95;

/** The results of a room's mutants. */
export interface RoomResult {
  readonly room: string;
  readonly outcomes: readonly Outcome[];
}

/** Whether enough mutants are caught, in each room and overall. */
export function isEnough(rooms: readonly RoomResult[]): boolean {
  const all = rooms.flatMap(({ outcomes }) => outcomes);
  return (
    rooms.every(({ outcomes }) => partCaught(outcomes) >= ROOM_PART_MIN) && partCaught(all) >= ALL_PART_MIN
  );
}

function partCaught(outcomes: readonly Outcome[]): number {
  return outcomes.length === 0 ? 1 : caught(outcomes) / outcomes.length;
}

function caught(outcomes: readonly Outcome[]): number {
  return outcomes.filter(({ caughtBy }) => caughtBy !== undefined).length;
}

/** The line for a mutant that was tried. */
export function lineOf({ mutant, caughtBy, seconds }: Outcome): string {
  const head = `${caughtBy === undefined ? "SURVIVED" : "caught  "} ${mutant.id} (${seconds.toFixed(1)} s)`;
  return caughtBy === undefined ? `${head}: ${mutant.fault}` : `${head} by ${caughtBy}`;
}

/** The table of the rooms, and the mutants that survived. */
export function tableOf(rooms: readonly RoomResult[]): string {
  const all: RoomResult = { room: "all", outcomes: rooms.flatMap(({ outcomes }) => outcomes) };
  const rows = [...rooms, all].map(({ room, outcomes }) => {
    const seconds = outcomes.reduce((sum, outcome) => sum + outcome.seconds, 0);
    const share = `${caught(outcomes)}/${outcomes.length}`;
    const percent = `${Math.floor(partCaught(outcomes) * 100)} %`;
    return `${room.padEnd(10)} ${share.padStart(8)} ${percent.padStart(6)} ${seconds.toFixed(0).padStart(7)} s`;
  });
  const survivors = all.outcomes
    .filter(({ caughtBy }) => caughtBy === undefined)
    .map(({ mutant }) => {
      const why = mutant.survives === undefined ? "" : `\n    ${mutant.survives}`;
      return `  ${mutant.id} (${mutant.file}): ${mutant.fault}${why}`;
    });
  const told = survivors.length === 0 ? [] : ["", "Survivors:", ...survivors];
  return [`${"room".padEnd(12)} caught`, ...rows, ...told].join("\n");
}

/** The same for programs. */
export function jsonOf(rooms: readonly RoomResult[]): string {
  const told = rooms.flatMap(({ room, outcomes }) =>
    outcomes.map(({ mutant, caughtBy, seconds }) => {
      const { id, file, fault, survives } = mutant;
      return { room, id, file, fault, survives, caughtBy: caughtBy ?? null, seconds };
    }),
  );
  return JSON.stringify(told, undefined, 2);
}
