-- operations_runs and operations_states serve in its place.
drop index concurrently if exists operations_state
