-- Lists with a filter on the state, and lists in the order of the end.

-- One parent's operations of one state, newest first. What succeeded, as nearly all operations do in the end, is not in
-- it: the list of everything serves that as well, and a finished operation costs nothing here.
create index operations_state on operations (parent, state, id) where state <> 'SUCCEEDED';

-- One parent's finished operations in the order in which they ended.
create index operations_end on operations (parent, end_time, id) where end_time is not null;
