// All built-in functions, family by family. A new family is one import and one line here.
import { CASTS } from './casts/all-casts.ts';
import type { FunctionSet } from './registry.ts';
import { ARITHMETIC } from './scalar/arithmetic.ts';
import { COMPARISON } from './scalar/comparison.ts';

export const FAMILIES: readonly FunctionSet[] = [{ scalars: ARITHMETIC }, { scalars: COMPARISON }, { casts: CASTS }];
