// pg_cast: the registry's casts between two types.

import { oidOf } from '../../functions/define.ts';
import { systemRelation } from '../define-system-relation.ts';
import type { SystemContext } from '../system-relation.ts';
import { typeOidByName } from './type-rows.ts';

/** Oids from here on are derived from names, see oidOf. */
const OWN_OIDS = 90_000;
/** Checked or cut here, though the bytes may stay as they are. */
const COERCIBLE: ReadonlySet<string> = new Set(['text->varchar', 'text->bpchar', 'varchar->bpchar']);
const CONTEXT_LETTERS = { implicit: 'i', assignment: 'a', explicit: 'e' } as const;

interface CastRow {
  readonly oid: number;
  readonly source: number;
  readonly target: number;
  /** oid of the function; 0: binary-compatible */
  readonly body: number;
  readonly context: keyof typeof CONTEXT_LETTERS;
}

function* casts({ functions }: SystemContext): Generator<CastRow> {
  for (const cast of functions.allCasts()) {
    if (cast.from === cast.to || cast.from === 'array' || cast.to === 'array') continue;
    const coercible = cast.function === 'binary-compatible' || COERCIBLE.has(`${cast.from}->${cast.to}`);
    const body = coercible ? 0 : (cast.function as { readonly oid: number }).oid;
    // a cast by way of text is none of the catalog's: those have no function of PostgreSQL's
    if (body >= OWN_OIDS) continue;
    const oid = oidOf(`pg_cast ${cast.from}->${cast.to}`);
    yield { oid, source: typeOidByName(cast.from), target: typeOidByName(cast.to), body, context: cast.context };
  }
}

export const PG_CAST = systemRelation(['pg_catalog', 'pg_cast', 2605, 'table'], casts, [
  ['oid', 'oid!', (x) => x.oid],
  ['castsource', 'oid!', (x) => x.source],
  ['casttarget', 'oid!', (x) => x.target],
  ['castfunc', 'oid!', (x) => x.body],
  ['castcontext', 'char!', (x) => CONTEXT_LETTERS[x.context]],
  ['castmethod', 'char!', (x) => (x.body === 0 ? 'b' : 'f')],
]);
