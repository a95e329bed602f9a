// What a user-defined function is, and how each SQL type travels between the server and the sandbox. The rest of the
// folder asks `wireForm` and never switches on type names itself, except coerce-result.ts, which checks results.

/** A function as CREATE FUNCTION leaves it. Types by PostgreSQL's internal names: 'int4', 'text', 'timestamptz', 'int4[]', ... */
export interface UdfDefinition {
  /** Identity in the catalog. A replaced function may keep its id: the host compares source and types as well. */
  readonly id: string;
  readonly name: string;
  readonly language: 'javascript';
  readonly argTypes: readonly string[];
  /** Same length as argTypes; '' for an argument without a name, which JavaScript sees as $1, $2, ... */
  readonly argNames: readonly string[];
  readonly returnType: string;
  readonly source: string;
  /** The function is called once per batch with one array per argument, and returns an array. */
  readonly vectorized: boolean;
  /** STRICT: a row with a NULL argument gives NULL without a call. */
  readonly strict: boolean;
}

/**
 * How a column travels. The numeric forms, `bool`, `ms` (milliseconds since 1970, UTC) and `bytes` are sections of typed
 * arrays; `text` and `json` are plain JSON; `wire` (arrays) is JSON with marked values, see sandbox/guest-prelude.ts.
 */
export type WireForm = 'i16' | 'i32' | 'i64' | 'f32' | 'f64' | 'bool' | 'ms' | 'bytes' | 'text' | 'json' | 'wire';

const FORMS: ReadonlyMap<string, WireForm> = new Map([
  ['bool', 'bool'],
  ['int2', 'i16'],
  ['int4', 'i32'],
  ['int8', 'i64'],
  ['float4', 'f32'],
  ['float8', 'f64'],
  ['numeric', 'text'],
  ['text', 'text'],
  ['varchar', 'text'],
  ['bpchar', 'text'],
  ['uuid', 'text'],
  ['interval', 'text'],
  ['date', 'ms'],
  ['timestamp', 'ms'],
  ['timestamptz', 'ms'],
  ['json', 'json'],
  ['jsonb', 'json'],
  ['bytea', 'bytes'],
]);

/** The wire form of a type name, or undefined where a function cannot take or return that type. */
export function wireForm(typeName: string): WireForm | undefined {
  if (typeName.endsWith('[]')) return FORMS.has(typeName.slice(0, -2)) ? 'wire' : undefined;
  return FORMS.get(typeName);
}

const RESERVED = new Set(
  (
    'arguments await break case catch class const continue debugger default delete do else enum eval export extends false ' +
    'finally for function if implements import in instanceof interface let new null package private protected public ' +
    'return static super switch this throw true try typeof var void while with yield'
  ).split(' '),
);

/** Whether JavaScript takes this as the name of a variable. */
export function isIdentifier(name: string): boolean {
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name) && !RESERVED.has(name);
}

/** The names the arguments have inside the function: their own where JavaScript allows it, else $1, $2, ... */
export function parameterNames(def: UdfDefinition): string[] {
  const seen = new Set<string>();
  return def.argTypes.map((_type, index) => {
    const name = def.argNames[index] ?? '';
    const usable = isIdentifier(name) && !seen.has(name);
    if (usable) seen.add(name);
    return usable ? name : `$${index + 1}`;
  });
}
