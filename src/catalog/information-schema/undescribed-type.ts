// The columns by which information_schema describes a type's length, character set, collation and precision, for what has a type only
// and no modifier (parameters, results, elements): all NULL, as in PostgreSQL.
import type { SystemColumn } from '../define-system-relation.ts';

export const UNDESCRIBED_TYPE: readonly SystemColumn<unknown>[] = [
  ['character_maximum_length', 'int4'],
  ['character_octet_length', 'int4'],
  ['character_set_catalog', 'name'],
  ['character_set_schema', 'name'],
  ['character_set_name', 'name'],
  ['collation_catalog', 'name'],
  ['collation_schema', 'name'],
  ['collation_name', 'name'],
  ['numeric_precision', 'int4'],
  ['numeric_precision_radix', 'int4'],
  ['numeric_scale', 'int4'],
  ['datetime_precision', 'int4'],
  ['interval_type', 'varchar'],
  ['interval_precision', 'int4'],
];
