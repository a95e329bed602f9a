// The relations of the schema information_schema, one line each.
import type { SystemRelationDefinition } from '../system-relation.ts';
import { INFORMATION_CHARACTER_SETS } from './character-sets.ts';
import { INFORMATION_CHECK_CONSTRAINTS } from './check-constraints.ts';
import { INFORMATION_COLLATIONS } from './collations.ts';
import { INFORMATION_COLUMN_PRIVILEGES } from './column-privileges.ts';
import { INFORMATION_COLUMNS } from './columns.ts';
import { INFORMATION_CONSTRAINT_COLUMN_USAGE } from './constraint-column-usage.ts';
import { INFORMATION_CONSTRAINT_TABLE_USAGE } from './constraint-table-usage.ts';
import { INFORMATION_ELEMENT_TYPES } from './element-types.ts';
import { EMPTY_INFORMATION } from './empty-relations.ts';
import { INFORMATION_ENABLED_ROLES } from './enabled-roles.ts';
import { INFORMATION_FOREIGN_SERVERS } from './foreign-servers.ts';
import { INFORMATION_FOREIGN_TABLES } from './foreign-tables.ts';
import { INFORMATION_INFORMATION_SCHEMA_CATALOG_NAME } from './information-schema-catalog-name.ts';
import { INFORMATION_KEY_COLUMN_USAGE } from './key-column-usage.ts';
import { INFORMATION_PARAMETERS } from './parameters.ts';
import { REFERENTIAL_CONSTRAINTS } from './referential-constraints.ts';
import { INFORMATION_ROLE_COLUMN_GRANTS } from './role-column-grants.ts';
import { INFORMATION_ROLE_TABLE_GRANTS } from './role-table-grants.ts';
import { INFORMATION_ROUTINES } from './routines.ts';
import { INFORMATION_SCHEMATA } from './schemata.ts';
import { INFORMATION_SEQUENCES } from './sequences.ts';
import { INFORMATION_TABLE_CONSTRAINTS } from './table-constraints.ts';
import { INFORMATION_TABLE_PRIVILEGES } from './table-privileges.ts';
import { INFORMATION_TABLES } from './tables.ts';
import { INFORMATION_VIEW_TABLE_USAGE } from './view-table-usage.ts';
import { INFORMATION_VIEWS } from './views.ts';

export const INFORMATION_SCHEMA_RELATIONS: readonly SystemRelationDefinition[] = [
  INFORMATION_CHARACTER_SETS,
  INFORMATION_CHECK_CONSTRAINTS,
  INFORMATION_COLLATIONS,
  INFORMATION_COLUMN_PRIVILEGES,
  INFORMATION_COLUMNS,
  INFORMATION_CONSTRAINT_COLUMN_USAGE,
  INFORMATION_CONSTRAINT_TABLE_USAGE,
  INFORMATION_ELEMENT_TYPES,
  INFORMATION_ENABLED_ROLES,
  INFORMATION_FOREIGN_SERVERS,
  INFORMATION_FOREIGN_TABLES,
  INFORMATION_INFORMATION_SCHEMA_CATALOG_NAME,
  INFORMATION_KEY_COLUMN_USAGE,
  INFORMATION_PARAMETERS,
  INFORMATION_ROLE_COLUMN_GRANTS,
  INFORMATION_ROLE_TABLE_GRANTS,
  INFORMATION_ROUTINES,
  INFORMATION_SCHEMATA,
  INFORMATION_SEQUENCES,
  REFERENTIAL_CONSTRAINTS,
  INFORMATION_TABLE_CONSTRAINTS,
  INFORMATION_TABLE_PRIVILEGES,
  INFORMATION_TABLES,
  INFORMATION_VIEW_TABLE_USAGE,
  INFORMATION_VIEWS,
  ...EMPTY_INFORMATION,
];
