-- What belongs to the service as a whole.
--
-- 'key': 32 secret bytes made when the database was first opened. Page tokens are sealed with them.

create table service (
  name  text not null primary key,
  value blob not null
) strict;
