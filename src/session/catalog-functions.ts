// Functions over the catalog that tools call in their metadata queries: visibility, definitions as text, names of oids,
// comments, privileges, sizes.
import type { Column, Relation, UserFunction } from '../catalog/objects.ts';
import { constraintDefinition } from '../catalog/pg-catalog/constraint-definition.ts';
import { indexDefinition } from '../catalog/pg-catalog/index-definition.ts';
import type { Datum } from '../types/datum.ts';
import { typeFromOid } from '../types/type-table.ts';
import { functionArguments, functionDefinition, functionResult } from './function-texts.ts';
import { PRIVILEGE_FUNCTIONS } from './privilege-functions.ts';
import { REGISTERED_TYPES } from './registered-types.ts';
import { expressionText, isVisible, quoteIdentifier, relationOid, relationText } from './relation-names.ts';
import type { SessionState } from './session-state.ts';
import type { SystemFunction } from './system-functions.ts';
import { viewText } from './view-text.ts';

function viewDefinition(state: SessionState, oid: number): string | null {
  const relation = state.catalog().relations.get(oid);
  return relation?.kind === 'view' || relation?.kind === 'materialized-view' ? `${viewText(relation)};` : null;
}

function columnAt(relation: Relation, attribute: number): Column | undefined {
  return relation.columns.find((column) => column.attribute === attribute);
}

function constraintText(state: SessionState, oid: number, pretty: boolean): string | null {
  const catalog = state.catalog();
  for (const relation of catalog.relations.values()) {
    const constraint = 'constraints' in relation ? relation.constraints.find((one) => one.oid === oid) : undefined;
    if (constraint !== undefined)
      return constraintDefinition(catalog, relation, constraint, (target) => relationText(state, target), pretty);
  }
  return null;
}

function indexText(state: SessionState, oid: number, column: number): string | null {
  const catalog = state.catalog();
  const index = catalog.relations.get(oid);
  if (index?.kind !== 'index') return null;
  if (column === 0) return indexDefinition(catalog, index);
  const attribute = index.keyAttributes[column - 1];
  const table = catalog.relations.get(index.table)!;
  return attribute === undefined ? null : quoteIdentifier(columnAt(table, attribute)?.name ?? '?');
}

function userFunction(state: SessionState, oid: Datum | null | undefined): UserFunction | undefined {
  return state.catalog().functions.get(oid as number);
}

function objectComment(state: SessionState, oid: number): string | null {
  const { relations, schemas, functions } = state.catalog();
  const found = relations.get(oid) ?? schemas.get(oid) ?? functions.get(oid);
  if (found !== undefined) return found.comment ?? null;
  for (const relation of relations.values()) {
    const constraint = 'constraints' in relation ? relation.constraints.find((one) => one.oid === oid) : undefined;
    if (constraint !== undefined) return constraint.comment ?? null;
  }
  return null;
}

function columnComment(state: SessionState, oid: number, attribute: number): string | null {
  const relation = state.catalog().relations.get(oid);
  return (relation === undefined ? undefined : columnAt(relation, attribute)?.comment) ?? null;
}

export const CATALOG_FUNCTIONS: Readonly<Record<string, SystemFunction>> = {
  pg_table_is_visible: (state, [oid]) => {
    const relation = state.catalog().relations.get(oid as number);
    return relation === undefined ? null : isVisible(state, relation);
  },
  pg_type_is_visible: (_state, [oid]) => (typeFromOid(oid as number) === undefined ? null : true),
  pg_function_is_visible: (state, [oid]) => {
    const one = userFunction(state, oid);
    if (one === undefined) return true;
    return state.searchPath().includes(state.catalog().schemas.get(one.schemaOid)!.name);
  },
  pg_opclass_is_visible: () => true,
  pg_opfamily_is_visible: () => true,
  pg_conversion_is_visible: () => true,
  pg_statistics_obj_is_visible: () => true,
  pg_ts_config_is_visible: () => true,
  pg_ts_dict_is_visible: () => true,
  pg_ts_parser_is_visible: () => true,
  pg_ts_template_is_visible: () => true,
  pg_operator_is_visible: () => true,
  pg_collation_is_visible: () => true,
  pg_encoding_to_char: (_state, [encoding]) => ((encoding as number) === 6 ? 'UTF8' : ''),
  pg_char_to_encoding: (_state, [name]) => (/^utf-?8$/i.test(name as string) ? 6 : -1),
  pg_get_userbyid: (state, [oid]) => state.catalog().roles.get(oid as number)?.name ?? `unknown (OID=${oid})`,
  pg_get_viewdef: (state, [oid]) => {
    const found = typeof oid === 'string' ? relationOid(state, oid) : (oid as number);
    return found === null ? null : viewDefinition(state, found);
  },
  pg_get_expr: (state, [text]) => (text == null ? null : expressionText(state, text as string)),
  pg_get_constraintdef: (state, [oid, pretty]) => constraintText(state, oid as number, pretty === true),
  pg_get_indexdef: (state, [oid, column]) => indexText(state, oid as number, Number(column ?? 0)),
  pg_get_function_result: (state, [oid]) => functionResult(state, oid as number),
  pg_get_function_arguments: (state, [oid]) => functionArguments(state, oid as number),
  pg_get_function_identity_arguments: (state, [oid]) => functionArguments(state, oid as number),
  pg_get_functiondef: (state, [oid]) => functionDefinition(state, oid as number),
  pg_get_function_sqlbody: () => null,
  pg_get_partkeydef: () => null,
  pg_get_triggerdef: () => null,
  pg_get_ruledef: () => null,
  pg_get_statisticsobjdef_columns: () => null,
  obj_description: (state, [oid]) => objectComment(state, oid as number),
  col_description: (state, [oid, attribute]) => columnComment(state, oid as number, attribute as number),
  shobj_description: (state, [oid]) => {
    const { roles, databases } = state.catalog();
    return (roles.get(oid as number) ?? databases.get(oid as number))?.comment ?? null;
  },
  pg_relation_size: (state, [oid]) => BigInt(state.services.storage.sizeBytes(oid as number)),
  pg_table_size: (state, [oid]) => BigInt(state.services.storage.sizeBytes(oid as number)),
  pg_total_relation_size: (state, [oid]) => BigInt(state.services.storage.sizeBytes(oid as number)),
  pg_indexes_size: () => 0n,
  pg_tablespace_size: (state) => BigInt(state.services.storage.totalBytes()),
  pg_database_size: (state) => BigInt(state.services.storage.totalBytes()),
  pg_relation_is_publishable: () => false,
  pg_tablespace_location: () => '',
  to_regclass: (state, [name]) => relationOid(state, name as string),
  ...PRIVILEGE_FUNCTIONS,
  ...REGISTERED_TYPES,
};
