-- operations_pending and operations_unsuccessful serve in its place.
drop index concurrently if exists operations_states
