-- Who started an operation, as JSON text; null for operations from before.
alter table operations add column caller text;
