// All built-in functions, family by family. A new family is one import and one line here.
import type { FunctionSet } from './registry.ts';

export const FAMILIES: readonly FunctionSet[] = [];
