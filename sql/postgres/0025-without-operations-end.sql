-- operations_ends serves in its place.
drop index concurrently if exists operations_end
