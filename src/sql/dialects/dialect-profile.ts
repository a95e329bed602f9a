// What distinguishes the SQL dialects that `SET sql_dialect` can name, as far as a query's text goes: quotes, escapes, the
// names of types. A dialect that is not here is unknown.
export interface DialectProfile {
  readonly name: string;
  /** Quotes identifiers; a double quote that is not among these quotes strings. */
  readonly identifierQuotes: '`' | '"' | '`"';
  /** '\n' in a plain string is a newline. */
  readonly backslashEscapes: boolean;
  /** # starts a comment to the end of the line */
  readonly hashComments: boolean;
  /** Types that PostgreSQL spells differently, by upper-case name. */
  readonly types: ReadonlyMap<string, string>;
}

const COMMON_TYPES: readonly (readonly [string, string])[] = [
  ['STRING', 'text'],
  ['TINYINT', 'smallint'],
  ['DOUBLE', 'double precision'],
  ['BYTES', 'bytea'],
  ['BINARY', 'bytea'],
  ['VARBINARY', 'bytea'],
  ['DATETIME', 'timestamp'],
  ['TIMESTAMP_LTZ', 'timestamptz'],
  ['TIMESTAMP_NTZ', 'timestamp'],
  ['INT64', 'bigint'],
  ['FLOAT64', 'double precision'],
  ['BOOL', 'boolean'],
];
/** In these, FLOAT has 32 bits and TIMESTAMP is a moment in time. */
const SPARK_TYPES: readonly (readonly [string, string])[] = [
  ['BYTE', 'smallint'],
  ['SHORT', 'smallint'],
  ['LONG', 'bigint'],
  ['FLOAT', 'real'],
  ['TIMESTAMP', 'timestamptz'],
];

const SPARK = {
  identifierQuotes: '`',
  backslashEscapes: true,
  hashComments: false,
  types: new Map([...COMMON_TYPES, ...SPARK_TYPES]),
} as const;
const FLINK = {
  identifierQuotes: '`',
  backslashEscapes: false,
  hashComments: false,
  types: new Map([...COMMON_TYPES, ['FLOAT', 'real'] as const]),
} as const;
const MYSQL = {
  identifierQuotes: '`',
  backslashEscapes: true,
  hashComments: true,
  types: new Map(COMMON_TYPES),
} as const;
const STANDARD = {
  identifierQuotes: '"',
  backslashEscapes: false,
  hashComments: false,
  types: new Map(COMMON_TYPES),
} as const;

const PROFILES: ReadonlyMap<string, DialectProfile> = new Map<string, DialectProfile>([
  ['spark', { name: 'spark', ...SPARK }],
  ['databricks', { name: 'databricks', ...SPARK }],
  ['hive', { name: 'hive', ...SPARK }],
  ['flink', { name: 'flink', ...FLINK }],
  ['mysql', { name: 'mysql', ...MYSQL }],
  ['mariadb', { name: 'mariadb', ...MYSQL }],
  ['bigquery', { name: 'bigquery', ...MYSQL }],
  ['trino', { name: 'trino', ...STANDARD }],
  ['snowflake', { name: 'snowflake', ...STANDARD }],
]);

/** The profile of a dialect, null for PostgreSQL's own and for unknown names. */
export function dialectProfile(name: string): DialectProfile | null {
  return PROFILES.get(name.toLowerCase()) ?? null;
}

/** The values that `SET sql_dialect` accepts. */
export const DIALECT_NAMES: readonly string[] = ['postgres', ...PROFILES.keys()];
