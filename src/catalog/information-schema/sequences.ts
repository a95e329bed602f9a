// information_schema.sequences: the sequences that no identity column owns.
import { formatTypeName } from '../../types/type-table.ts';
import { systemRelation } from '../define-system-relation.ts';
import type { Sequence } from '../objects.ts';
import { schemaName, sequences } from '../pg-catalog/relation-facts.ts';
import type { SystemContext } from '../system-relation.ts';
import { yesNo } from './column-facts.ts';

const BITS = { int2: 16, int4: 32, int8: 64 } as const;

function* visibleSequences(context: SystemContext): Generator<Sequence> {
  for (const sequence of sequences(context)) {
    const { table, attribute } = sequence.ownedBy ?? { table: 0, attribute: 0 };
    const column = context.catalog.relations.get(table)?.columns.find((one) => one.attribute === attribute);
    if (column?.generated?.startsWith('identity') !== true) yield sequence;
  }
}

export const INFORMATION_SEQUENCES = systemRelation(
  ['information_schema', 'sequences', 13386, 'view'],
  visibleSequences,
  [
    ['sequence_catalog', 'name', (_, c) => c.session.database],
    ['sequence_schema', 'name', (s, c) => schemaName(c, s.schemaOid)],
    ['sequence_name', 'name', (s) => s.name],
    ['data_type', 'varchar', (s) => formatTypeName({ name: s.dataType ?? 'int8' })],
    ['numeric_precision', 'int4', (s) => BITS[s.dataType ?? 'int8']],
    ['numeric_precision_radix', 'int4', 2],
    ['numeric_scale', 'int4', 0],
    ['start_value', 'varchar', (s) => String(s.start)],
    ['minimum_value', 'varchar', (s) => String(s.minimum)],
    ['maximum_value', 'varchar', (s) => String(s.maximum)],
    ['increment', 'varchar', (s) => String(s.increment)],
    ['cycle_option', 'varchar', (s) => yesNo(s.cycle)],
  ],
);
