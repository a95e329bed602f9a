// All built-in functions, family by family. A new family is one import and one line here.
import { BASIC_AGGREGATES } from './aggregate/basic-aggregates.ts';
import { COLLECTED_AGGREGATES } from './aggregate/collected-aggregates.ts';
import { CASTS } from './casts/all-casts.ts';
import type { FunctionSet } from './registry.ts';
import { ARITHMETIC } from './scalar/arithmetic.ts';
import { ARRAYS } from './scalar/arrays.ts';
import { COMPARISON } from './scalar/comparison.ts';
import { DATE_TIME } from './scalar/date-time.ts';
import { FORMATTING } from './scalar/formatting.ts';
import { JSON_FUNCTIONS } from './scalar/json-functions.ts';
import { MATH } from './scalar/math.ts';
import { PATTERNS } from './scalar/patterns.ts';
import { STRINGS } from './scalar/strings.ts';
import { SYSTEM } from './scalar/system.ts';
import { METADATA } from './table/metadata.ts';
import { SERIES } from './table/series.ts';
import { WINDOW_FUNCTIONS } from './window/window-functions.ts';

export const FAMILIES: readonly FunctionSet[] = [
  { scalars: ARITHMETIC },
  { scalars: COMPARISON },
  { scalars: MATH },
  { scalars: STRINGS },
  { scalars: PATTERNS },
  { scalars: DATE_TIME },
  { scalars: FORMATTING },
  { scalars: JSON_FUNCTIONS },
  { scalars: ARRAYS },
  { scalars: SYSTEM },
  { casts: CASTS },
  { aggregates: BASIC_AGGREGATES },
  { aggregates: COLLECTED_AGGREGATES },
  { windows: WINDOW_FUNCTIONS },
  { tables: METADATA },
  { tables: SERIES },
];
