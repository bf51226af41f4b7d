-- operations_runs serves in its place.
drop index concurrently if exists operations_running
