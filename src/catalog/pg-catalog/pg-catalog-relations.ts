// The relations of the schema pg_catalog, one line each.
import type { SystemRelationDefinition } from '../system-relation.ts';
import { EMPTY_CATALOGS } from './empty-catalogs.ts';
import { EMPTY_VIEWS } from './empty-views.ts';
import { PG_AGGREGATE } from './pg-aggregate.ts';
import { PG_AM } from './pg-am.ts';
import { PG_AMOP } from './pg-amop.ts';
import { PG_ATTRDEF } from './pg-attrdef.ts';
import { PG_ATTRIBUTE } from './pg-attribute.ts';
import { PG_AUTH_MEMBERS } from './pg-auth-members.ts';
import { PG_AUTHID } from './pg-authid.ts';
import { PG_CAST } from './pg-cast.ts';
import { PG_CLASS } from './pg-class.ts';
import { PG_COLLATION } from './pg-collation.ts';
import { PG_CONSTRAINT } from './pg-constraint.ts';
import { PG_CURSORS } from './pg-cursors.ts';
import { PG_DATABASE } from './pg-database.ts';
import { PG_DEPEND } from './pg-depend.ts';
import { PG_DESCRIPTION } from './pg-description.ts';
import { PG_FOREIGN_DATA_WRAPPER } from './pg-foreign-data-wrapper.ts';
import { PG_FOREIGN_SERVER } from './pg-foreign-server.ts';
import { PG_FOREIGN_TABLE } from './pg-foreign-table.ts';
import { PG_GROUP } from './pg-group.ts';
import { PG_INDEX } from './pg-index.ts';
import { PG_INDEXES } from './pg-indexes.ts';
import { PG_LANGUAGE } from './pg-language.ts';
import { PG_MATVIEWS } from './pg-matviews.ts';
import { PG_NAMESPACE } from './pg-namespace.ts';
import { PG_OPCLASS } from './pg-opclass.ts';
import { PG_OPERATOR } from './pg-operator.ts';
import { PG_OPFAMILY } from './pg-opfamily.ts';
import { PG_PREPARED_STATEMENTS } from './pg-prepared-statements.ts';
import { PG_PROC } from './pg-proc.ts';
import { PG_REWRITE } from './pg-rewrite.ts';
import { PG_ROLES } from './pg-roles.ts';
import { PG_SEQUENCE } from './pg-sequence.ts';
import { PG_SEQUENCES } from './pg-sequences.ts';
import { PG_SETTINGS } from './pg-settings.ts';
import { PG_SHADOW, PG_USER } from './pg-shadow.ts';
import { PG_SHDESCRIPTION } from './pg-shdescription.ts';
import { PG_STAT_ACTIVITY } from './pg-stat-activity.ts';
import { PG_STAT_ALL_TABLES } from './pg-stat-all-tables.ts';
import { PG_STAT_DATABASE } from './pg-stat-database.ts';
import { PG_STAT_GSSAPI } from './pg-stat-gssapi.ts';
import { PG_STAT_ALL_INDEXES, PG_STAT_SYS_INDEXES, PG_STAT_USER_INDEXES } from './pg-stat-indexes.ts';
import { PG_STAT_SSL } from './pg-stat-ssl.ts';
import { PG_STAT_SYS_TABLES } from './pg-stat-sys-tables.ts';
import { PG_STAT_USER_TABLES } from './pg-stat-user-tables.ts';
import { PG_TABLES } from './pg-tables.ts';
import { PG_TABLESPACE } from './pg-tablespace.ts';
import { PG_TIMEZONE_NAMES } from './pg-timezone-names.ts';
import { PG_TYPE } from './pg-type.ts';
import { PG_VIEWS } from './pg-views.ts';

export const PG_CATALOG_RELATIONS: readonly SystemRelationDefinition[] = [
  PG_AGGREGATE,
  PG_AM,
  PG_AMOP,
  PG_ATTRDEF,
  PG_ATTRIBUTE,
  PG_AUTH_MEMBERS,
  PG_AUTHID,
  PG_CAST,
  PG_CLASS,
  PG_COLLATION,
  PG_CONSTRAINT,
  PG_CURSORS,
  PG_DATABASE,
  PG_DEPEND,
  PG_DESCRIPTION,
  PG_FOREIGN_DATA_WRAPPER,
  PG_FOREIGN_SERVER,
  PG_FOREIGN_TABLE,
  PG_GROUP,
  PG_INDEX,
  PG_INDEXES,
  PG_LANGUAGE,
  PG_MATVIEWS,
  PG_NAMESPACE,
  PG_OPCLASS,
  PG_OPERATOR,
  PG_OPFAMILY,
  PG_PREPARED_STATEMENTS,
  PG_PROC,
  PG_REWRITE,
  PG_ROLES,
  PG_SEQUENCE,
  PG_SEQUENCES,
  PG_SETTINGS,
  PG_SHADOW,
  PG_SHDESCRIPTION,
  PG_STAT_ACTIVITY,
  PG_STAT_ALL_INDEXES,
  PG_STAT_ALL_TABLES,
  PG_STAT_DATABASE,
  PG_STAT_GSSAPI,
  PG_STAT_SSL,
  PG_STAT_SYS_INDEXES,
  PG_STAT_SYS_TABLES,
  PG_STAT_USER_INDEXES,
  PG_STAT_USER_TABLES,
  PG_TABLES,
  PG_TABLESPACE,
  PG_TIMEZONE_NAMES,
  PG_TYPE,
  PG_USER,
  PG_VIEWS,
  ...EMPTY_CATALOGS,
  ...EMPTY_VIEWS,
];
