// All built-in functions, family by family. A new family is one import and one line here.
import { BASIC_AGGREGATES } from './aggregate/basic-aggregates.ts';
import { COLLECTED_AGGREGATES } from './aggregate/collected-aggregates.ts';
import { CASTS } from './casts/all-casts.ts';
import type { FunctionSet } from './registry.ts';
import { ARITHMETIC } from './scalar/arithmetic.ts';
import { COMPARISON } from './scalar/comparison.ts';
import { SERIES } from './table/series.ts';
import { WINDOW_FUNCTIONS } from './window/window-functions.ts';

export const FAMILIES: readonly FunctionSet[] = [{ scalars: ARITHMETIC }, { scalars: COMPARISON }, { casts: CASTS }];
