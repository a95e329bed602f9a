// The relations of the schema pg_catalog, one line each.
import type { SystemRelationDefinition } from '../system-relation.ts';
import { EMPTY_CATALOGS } from './empty-catalogs.ts';
import { EMPTY_VIEWS } from './empty-views.ts';
import { PG_AM } from './pg-am.ts';
import { PG_ATTRDEF } from './pg-attrdef.ts';
import { PG_ATTRIBUTE } from './pg-attribute.ts';
import { PG_AUTHID } from './pg-authid.ts';
import { PG_CLASS } from './pg-class.ts';
import { PG_COLLATION } from './pg-collation.ts';
import { PG_CONSTRAINT } from './pg-constraint.ts';
import { PG_DATABASE } from './pg-database.ts';
import { PG_DESCRIPTION } from './pg-description.ts';
import { PG_GROUP } from './pg-group.ts';
import { PG_INDEX } from './pg-index.ts';
import { PG_NAMESPACE } from './pg-namespace.ts';
import { PG_PROC } from './pg-proc.ts';
import { PG_ROLES } from './pg-roles.ts';
import { PG_SETTINGS } from './pg-settings.ts';
import { PG_SHADOW } from './pg-shadow.ts';
import { PG_TYPE } from './pg-type.ts';
import { PG_USER } from './pg-user.ts';

export const PG_CATALOG_RELATIONS: readonly SystemRelationDefinition[] = [
  PG_AM,
  PG_ATTRDEF,
  PG_ATTRIBUTE,
  PG_AUTHID,
  PG_CLASS,
  PG_COLLATION,
  PG_CONSTRAINT,
  PG_DATABASE,
  PG_DESCRIPTION,
  PG_GROUP,
  PG_INDEX,
  PG_NAMESPACE,
  PG_PROC,
  PG_ROLES,
  PG_SETTINGS,
  PG_SHADOW,
  PG_TYPE,
  PG_USER,
  ...EMPTY_CATALOGS,
  ...EMPTY_VIEWS,
];
