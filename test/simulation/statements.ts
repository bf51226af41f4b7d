/** The SQL texts of the simulation. */

/** The target that the database fails to store. */
export const POISONED = "poison";

export const POISON = `
  create trigger poison before insert on operations when new.target = '${POISONED}'
  begin
    select raise(abort, 'this cannot be stored');
  end`;

export const EMPTY_DATABASE = "delete from operations";
