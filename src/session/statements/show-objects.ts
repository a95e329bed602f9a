// SHOW QUERIES | STREAMS | SUBSCRIPTIONS | TABLES | VIEWS | FUNCTIONS: lists of names, for people; programs read the catalogs.
import type { ShowQueries } from '../../sql/ast-utility.ts';
import { INT8 } from '../../types/sql-type.ts';
import { DatumRowSource, type StatementResult } from '../row-source.ts';
import type { ResultField } from '../session-contract.ts';
import { plainField, type RunOf } from './statement-run.ts';

export function showObjectsFields(statement: ShowQueries): readonly ResultField[] {
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
    default:
      return [plainField('schema'), plainField('name')];
  }
}

export function runShowObjects({ state, statement }: RunOf<ShowQueries>): StatementResult {
  const catalog = state.catalog();
  const place = (oid: number): [string, string] => {
    const relation = catalog.relations.get(oid)!;
    return [catalog.schemas.get(relation.schemaOid)!.name, relation.name];
  };
  const kinds: Readonly<Record<string, string>> = { streams: 'stream', tables: 'table', views: 'view' };
  const rows = () => {
    if (statement.what === 'queries') {
      return state.services.streams.queryRows().map((q) => [...place(q.relation), q.state, q.outputRows, q.lastError]);
    }
    if (statement.what === 'subscriptions') {
      return state.services.streams.subscriptionRows().map((s) => [BigInt(s.id), s.query, s.queuedRows]);
    }
    if (statement.what === 'functions') {
      return [...catalog.functions.values()].map((f) => [catalog.schemas.get(f.schemaOid)!.name, f.name]);
    }
    return [...catalog.relations.values()].filter((r) => r.kind === kinds[statement.what]).map((r) => place(r.oid));
  };
  return { rows: new DatumRowSource(state.services.arena, showObjectsFields(statement), rows()), tag: () => 'SHOW' };
}
