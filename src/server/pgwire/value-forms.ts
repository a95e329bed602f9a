// The per-value forms of src/types, for what the row kernels leave over: arrays, records, special values, other date styles.
import { offsetAt } from '../../types/time-zone.ts';
import { typeOperations } from '../../types/type-operations.ts';
import type { ValueForms } from './encode-column.ts';

export const VALUE_FORMS: ValueForms = {
  formatText: (type, value, settings) => typeOperations(type).formatText(value, type, settings),
  encodeBinary: (type, value) => typeOperations(type).encodeBinary(value, type),
  zoneOffset: offsetAt,
};
