-- operations_pending, operations_runs and operations_done serve in its place.
drop index concurrently if exists operations_list
