// All built-in functions, family by family. A new family is one import and one line here.
import { BASIC_AGGREGATES } from './aggregate/basic-aggregates.ts';
import { COLLECTED_AGGREGATES } from './aggregate/collected-aggregates.ts';
import { ORDERED_SET_AGGREGATES } from './aggregate/ordered-set-aggregates.ts';
import { CASTS } from './casts/all-casts.ts';
import type { FunctionSet } from './registry.ts';
import { ARITHMETIC } from './scalar/arithmetic.ts';
import { ARRAYS } from './scalar/arrays.ts';
import { BYTES } from './scalar/bytes.ts';
import { COMPARISON } from './scalar/comparison.ts';
import { DATE_EXTRACTION } from './scalar/date-extraction.ts';
import { DATE_MAKERS } from './scalar/date-makers.ts';
import { DATE_TIME } from './scalar/date-time.ts';
import { DIALECTS } from './scalar/dialects.ts';
import { FORMATTING } from './scalar/formatting.ts';
import { JSON_ACCESS } from './scalar/json-access.ts';
import { JSON_ASSIGN } from './scalar/json-assign.ts';
import { JSON_CHANGES } from './scalar/json-changes.ts';
import { JSON_MAKING } from './scalar/json-making.ts';
import { JSON_PATHS } from './scalar/json-path.ts';
import { JSON_RECORDS } from './scalar/json-records.ts';
import { MATH } from './scalar/math.ts';
import { OVERLAPS } from './scalar/overlaps.ts';
import { PATTERNS } from './scalar/patterns.ts';
import { QUOTING } from './scalar/quoting.ts';
import { REGEXP_FUNCTIONS } from './scalar/regexp-functions.ts';
import { SIZES } from './scalar/sizes.ts';
import { STRINGS } from './scalar/strings.ts';
import { SYSTEM } from './scalar/system.ts';
import { JSON_SETS } from './table/json-sets.ts';
import { METADATA } from './table/metadata.ts';
import { SERIES } from './table/series.ts';
import { TEXT_SETS } from './table/text-sets.ts';
import { WINDOW_FUNCTIONS } from './window/window-functions.ts';

export const FAMILIES: readonly FunctionSet[] = [
  { scalars: ARITHMETIC },
  { scalars: COMPARISON },
  { scalars: MATH },
  { scalars: STRINGS },
  { scalars: QUOTING },
  { scalars: BYTES },
  { scalars: PATTERNS },
  { scalars: REGEXP_FUNCTIONS },
  { scalars: DATE_EXTRACTION },
  { scalars: DATE_MAKERS },
  { scalars: DATE_TIME },
  { scalars: OVERLAPS },
  { scalars: FORMATTING },
  { scalars: JSON_ACCESS },
  { scalars: JSON_CHANGES },
  { scalars: JSON_ASSIGN },
  { scalars: JSON_MAKING },
  { scalars: JSON_PATHS },
  { scalars: JSON_RECORDS },
  { scalars: ARRAYS },
  { scalars: SIZES },
  { scalars: SYSTEM },
  { scalars: DIALECTS },
  { casts: CASTS },
  { aggregates: BASIC_AGGREGATES },
  { aggregates: COLLECTED_AGGREGATES },
  { aggregates: ORDERED_SET_AGGREGATES },
  { windows: WINDOW_FUNCTIONS },
  { tables: JSON_SETS },
  { tables: METADATA },
  { tables: TEXT_SETS },
  { tables: SERIES },
];
