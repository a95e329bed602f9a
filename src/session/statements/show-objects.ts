// SHOW TABLES | STREAMS | VIEWS | QUERIES | ..: lists of names, for people; programs read the catalogs.
import type { Relation } from '../../catalog/objects.ts';
import { sqlError } from '../../errors/sql-error.ts';
import type { ShowObjects } from '../../sql/ast-utility.ts';
import type { Datum } from '../../types/datum.ts';
import { BOOL, INT8 } from '../../types/sql-type.ts';
import { DatumRowSource, type StatementResult } from '../row-source.ts';
import type { ResultField } from '../session-contract.ts';
import type { SessionState } from '../session-state.ts';
import { requireRelation } from './resolve-names.ts';
import { plainField, type RunOf } from './statement-run.ts';

export function showObjectsFields(statement: ShowObjects): readonly ResultField[] {
  switch (statement.what) {
    case 'queries':
      return [
        plainField('schema'),
        plainField('name'),
        plainField('state'),
        plainField('output_rows', INT8),
        plainField('last_error'),
      ];
    case 'subscriptions':
      return [plainField('id', INT8), plainField('query'), plainField('queued_rows', INT8)];
    case 'indexes':
      return [
        plainField('schema'),
        plainField('name'),
        plainField('table'),
        plainField('columns'),
        plainField('unique', BOOL),
      ];
    case 'databases':
    case 'schemas':
    case 'roles':
      return [plainField('name')];
    default:
      return [plainField('schema'), plainField('name')];
  }
}

type Row = readonly (Datum | null)[];

const KINDS: Readonly<Partial<Record<ShowObjects['what'], Relation['kind']>>> = {
  streams: 'stream',
  tables: 'table',
  views: 'view',
  materialized_views: 'materialized-view',
};

export function runShowObjects({ state, statement }: RunOf<ShowObjects>): StatementResult {
  const fields = showObjectsFields(statement);
  const rows = objectRows(state, statement).filter(chosen(state, statement, fields));
  const nameOf = (row: Row) => `${row[0]} ${row[1]}`;
  if (statement.what !== 'subscriptions') rows.sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  return { rows: new DatumRowSource(state.services.arena, fields, rows), tag: () => 'SHOW' };
}

function objectRows(state: SessionState, { what, from }: ShowObjects): Row[] {
  const catalog = state.catalog();
  const { streams } = state.services;
  const place = ({ schemaOid, name }: { readonly schemaOid: number; readonly name: string }): [string, string] => [
    catalog.schemas.get(schemaOid)!.name,
    name,
  ];
  const named = (objects: Iterable<{ readonly name: string }>) => Array.from(objects, ({ name }) => [name]);
  switch (what) {
    case 'queries':
      return streams
        .queryRows()
        .map((q) => [...place(catalog.relations.get(q.relation)!), q.state, q.outputRows, q.lastError]);
    case 'subscriptions':
      return streams.subscriptionRows().map((s) => [BigInt(s.id), s.query, s.queuedRows]);
    case 'functions':
      return Array.from(catalog.functions.values(), place);
    case 'databases':
      return named(catalog.databases.values());
    case 'schemas':
      return named(catalog.schemas.values());
    case 'roles':
      return named(catalog.roles.values());
    case 'indexes': {
      const table = from === null ? null : requireRelation(state, from).oid;
      return relationsOf(state, 'index').flatMap((index) => {
        if (index.kind !== 'index' || (table !== null && index.table !== table)) return [];
        const { name, columns } = catalog.relations.get(index.table)!;
        const keys = index.keyAttributes.map((key) => columns.find((column) => column.attribute === key)?.name);
        return [[...place(index), name, keys.join(', '), index.unique]];
      });
    }
    default:
      return relationsOf(state, KINDS[what]).map(place);
  }
}

function relationsOf(state: SessionState, kind: Relation['kind'] | undefined): Relation[] {
  return [...state.catalog().relations.values()].filter((relation) => relation.kind === kind);
}

/** FROM schema, and LIKE with SQL's and the shell's wildcards over the name. */
function chosen(state: SessionState, statement: ShowObjects, fields: readonly ResultField[]): (row: Row) => boolean {
  const { what, from, like } = statement;
  const schemaAt = fields.findIndex((field) => field.name === 'schema');
  const nameAt = fields.findIndex((field) => field.name === 'name');
  const schema = from === null || what === 'indexes' ? null : from.parts.at(-1)!;
  if (schema !== null && (schemaAt < 0 || state.catalog().findSchema(schema) === undefined)) {
    throw sqlError('invalid_schema_name', `schema "${schema}" does not exist`, { position: from!.position });
  }
  const letters = (like ?? '%')
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll(/[%*]/g, '.*')
    .replaceAll('_', '.');
  const pattern = new RegExp(`^${letters}$`, 's');
  return (row) =>
    (schema === null || row[schemaAt] === schema) && (like === null || nameAt < 0 || pattern.test(String(row[nameAt])));
}
