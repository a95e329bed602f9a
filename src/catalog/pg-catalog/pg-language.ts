// pg_language: what functions are written in: the server itself, SQL, and JavaScript in a sandbox.
import { systemRelation } from '../define-system-relation.ts';
import { BOOTSTRAP_ROLE_OID } from '../system-oids.ts';
import { INTERNAL_LANGUAGE_OID, JAVASCRIPT_LANGUAGE_OID, SQL_LANGUAGE_OID } from './function-rows.ts';

const LANGUAGES: readonly (readonly [oid: number, name: string, procedural: boolean])[] = [
  [INTERNAL_LANGUAGE_OID, 'internal', false],
  [SQL_LANGUAGE_OID, 'sql', false],
  [JAVASCRIPT_LANGUAGE_OID, 'javascript', true],
];

export const PG_LANGUAGE = systemRelation(['pg_catalog', 'pg_language', 2612, 'table'], () => LANGUAGES, [
  ['oid', 'oid!', ([oid]) => oid],
  ['lanname', 'name!', ([, name]) => name],
  ['lanowner', 'oid!', BOOTSTRAP_ROLE_OID],
  ['lanispl', 'bool!', ([, , procedural]) => procedural],
  ['lanpltrusted', 'bool!', ([, name]) => name !== 'internal'],
  // psql's \dL lists the languages that have a handler
  ['lanplcallfoid', 'oid!', ([oid, , procedural]) => (procedural ? oid : 0)],
  ['laninline', 'oid!'],
  ['lanvalidator', 'oid!'],
  ['lanacl', 'aclitem[]'],
]);
