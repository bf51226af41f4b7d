/**
 * The SQL texts that distribute tables over the servers of Citus.
 *
 * @see https://docs.citusdata.com/en/stable/develop/api_udf.html
 */

export const HAS_CITUS =
  "select to_regclass('pg_catalog.pg_dist_partition') is not null and to_regclass('operations') is not null";

/**
 * One row per table: its name, its kind of distribution, the column, the group, the number of
 * pieces, and the number of servers that hold them.
 */
export const TABLES = `
  select t.name, p.partmethod, column_to_column_name(p.logicalrelid, p.partkey), p.colocationid,
    (select count(*) from pg_dist_shard s where s.logicalrelid = p.logicalrelid),
    (select count(distinct l.groupid) from pg_dist_shard s join pg_dist_placement l using (shardid)
      where s.logicalrelid = p.logicalrelid)
  from unnest($1::text[]) as t (name)
  left join pg_dist_partition p on p.logicalrelid = to_regclass(t.name)
  where to_regclass(t.name) is not null`;

/** Otherwise Citus rejects both kinds of tables in one transaction. */
export const ONE_AFTER_THE_OTHER = "select set_config('citus.multi_shard_modify_mode', 'sequential', true)";

/**
 * The first table sets the number of pieces, regardless of the cluster's default; the others are
 * colocated with it.
 */
export const CUT_FIRST =
  "select create_distributed_table($1::text::regclass, 'shard', colocate_with => 'none', shard_count => $2)";
export const CUT_BESIDE =
  "select create_distributed_table($1::text::regclass, 'shard', colocate_with => 'operations')";
export const PUT_EVERYWHERE = "select create_reference_table($1::text::regclass)";

/** Otherwise the old rows of a table stay on the coordinator, where no query finds them. */
export const CLEAR_LEFT = "select truncate_local_data_after_distributing_table($1::text::regclass)";

/** Operations that hold a place, or wait for one. */
export const KEYED =
  "select id, method, parallel_key from operations where parallel_key is not null and end_time is null";

/**
 * The worker nodes, whether each answers, and the error of one that does not. Disabled nodes are
 * not asked.
 */
export const NODES = `
  select n.nodename || ':' || n.nodeport, n.isactive and coalesce(a.success, false), a.result
  from pg_dist_node n
  left join run_command_on_workers('select 1') a using (nodename, nodeport)
  where n.groupid <> 0 and n.noderole = 'primary'
  order by n.nodeid`;
