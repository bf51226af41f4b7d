-- Small resources that something is to be done about, by the time.
create index resources_due on resources (kind, due_time) where due_time is not null;
