// The complete cast table.
import type { CastFunction } from '../function-definition.ts';
import { DATE_CASTS } from './date-casts.ts';
import { NUMBER_CASTS } from './number-casts.ts';
import { structureCasts } from './structure-casts.ts';
import { TEXT_CASTS } from './text-casts.ts';

const byPair = new Map<string, CastFunction>();

export const CASTS: readonly CastFunction[] = [
  ...TEXT_CASTS,
  ...NUMBER_CASTS,
  ...DATE_CASTS,
  ...structureCasts((from, to) => byPair.get(`${from.name}->${to.name}`)),
];
for (const each of CASTS) byPair.set(`${each.from}->${each.to}`, each);
