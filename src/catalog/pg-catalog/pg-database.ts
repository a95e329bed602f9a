// pg_database: the databases. All names open the same data, so they differ in nothing else.
import { systemRelation, textArray } from '../define-system-relation.ts';
import { aclTexts } from '../privileges.ts';
import { DEFAULT_TABLESPACE_OID, UTF8_ENCODING } from '../system-oids.ts';

export const PG_DATABASE = systemRelation(
  ['pg_catalog', 'pg_database', 1262, 'table'],
  (context) => context.catalog.databases.values(),
  [
    ['oid', 'oid!', (d) => d.oid],
    ['datname', 'name!', (d) => d.name],
    ['datdba', 'oid!', (d) => d.owner],
    ['encoding', 'int4!', UTF8_ENCODING],
    ['datlocprovider', 'char!', 'c'],
    ['datistemplate', 'bool!', (d) => d.name === 'template1'],
    ['datallowconn', 'bool!', true],
    ['datconnlimit', 'int4!', -1],
    ['datfrozenxid', 'xid!'],
    ['datminmxid', 'xid!'],
    ['dattablespace', 'oid!', DEFAULT_TABLESPACE_OID],
    ['datcollate', 'text!', 'C'],
    ['datctype', 'text!', 'C.UTF-8'],
    ['daticulocale', 'text'],
    ['datcollversion', 'text'],
    ['datacl', 'aclitem[]', (d, c) => textArray(aclTexts(c.catalog, d))],
  ],
);
