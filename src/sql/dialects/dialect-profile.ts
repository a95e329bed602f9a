// What distinguishes the SQL dialects that `SET sql_dialect` can name: which of the package's grammars reads them, quotes, escapes,
// the names of types, and the few things that PostgreSQL's words mean differently there. A dialect that is not here is unknown.
export interface DialectProfile {
  readonly name: string;
  /** The build of node-sql-parser that reads it. */
  readonly grammar: string;
  /** Quotes identifiers; a double quote that is not among these quotes strings. '[' closes with ']'. */
  readonly identifierQuotes: '`' | '"' | '`"' | '"[' | '`"[';
  /** '\n' in a plain string is a newline. */
  readonly backslashEscapes: boolean;
  /** # starts a comment to the end of the line */
  readonly hashComments: boolean;
  /** `a.b.c` in one pair of quotes is a path. */
  readonly quotedPaths: boolean;
  /** 7 / 2: 3 as here, a double, or a numeric with so many digits more than the dividend has. */
  readonly division: 'integer' | 'double' | number;
  /** 1 / 0 is NULL */
  readonly nullDivision: boolean;
  /** Where NULL sorts when the query does not say: as the smallest value, the largest (ours), or last in either direction. */
  readonly nulls: 'smallest' | 'largest' | 'last';
  /** CAST(3.7 AS int) is 3 */
  readonly truncatingCasts: boolean;
  /** concat('a', NULL) is NULL */
  readonly strictConcat: boolean;
  /** || is OR and && is AND */
  readonly logicalBars: boolean;
  /** xs[0] is the first element */
  readonly zeroBased: boolean;
  /** ^ is not power */
  readonly caretIsXor: boolean;
  /** Patterns of dates: yyyy-MM-dd, %Y-%m-%d or our own. */
  readonly datePatterns: 'java' | 'percent' | 'ours';
  /** Types that PostgreSQL spells differently, by upper-case name. */
  readonly types: ReadonlyMap<string, string>;
}

type TypeNames = readonly (readonly [string, string])[];

const COMMON_TYPES: TypeNames = [
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
const SPARK_TYPES: TypeNames = [
  ['BYTE', 'smallint'],
  ['SHORT', 'smallint'],
  ['LONG', 'bigint'],
  ['FLOAT', 'real'],
  ['TIMESTAMP', 'timestamptz'],
];
const MYSQL_TYPES: TypeNames = [
  ['SIGNED', 'bigint'],
  ['UNSIGNED', 'bigint'],
  ['FLOAT', 'real'],
];
const TRANSACT_TYPES: TypeNames = [
  ['NVARCHAR', 'varchar'],
  ['NCHAR', 'char'],
  ['DATETIME2', 'timestamp'],
  ['SMALLDATETIME', 'timestamp'],
  ['DATETIMEOFFSET', 'timestamptz'],
  ['MONEY', 'numeric(19, 4)'],
  ['BIT', 'boolean'],
  ['UNIQUEIDENTIFIER', 'uuid'],
];

const STANDARD = {
  identifierQuotes: '"',
  backslashEscapes: false,
  hashComments: false,
  quotedPaths: false,
  division: 'integer',
  nullDivision: false,
  nulls: 'largest',
  truncatingCasts: false,
  strictConcat: true,
  logicalBars: false,
  zeroBased: false,
  caretIsXor: false,
  datePatterns: 'ours',
  types: new Map(COMMON_TYPES),
} as const;
const SPARK = {
  ...STANDARD,
  grammar: 'hive',
  identifierQuotes: '`',
  backslashEscapes: true,
  division: 'double',
  nulls: 'smallest',
  truncatingCasts: true,
  zeroBased: true,
  caretIsXor: true,
  datePatterns: 'java',
  types: new Map([...COMMON_TYPES, ...SPARK_TYPES]),
} as const;
const MYSQL = {
  ...STANDARD,
  identifierQuotes: '`',
  backslashEscapes: true,
  hashComments: true,
  division: 4,
  nullDivision: true,
  nulls: 'smallest',
  logicalBars: true,
  caretIsXor: true,
  datePatterns: 'percent',
  types: new Map([...COMMON_TYPES, ...MYSQL_TYPES]),
} as const;
const TRINO = { ...STANDARD, nulls: 'last', datePatterns: 'percent' } as const;

const PROFILES: ReadonlyMap<string, DialectProfile> = new Map<string, DialectProfile>(
  (
    [
      { name: 'spark', ...SPARK },
      { name: 'databricks', ...SPARK },
      { name: 'hive', ...SPARK, nullDivision: true },
      {
        name: 'flink',
        ...STANDARD,
        grammar: 'flinksql',
        identifierQuotes: '`',
        nulls: 'smallest',
        truncatingCasts: true,
        datePatterns: 'java',
        types: new Map([...COMMON_TYPES, ['FLOAT', 'real'] as const]),
      },
      { name: 'mysql', grammar: 'mysql', ...MYSQL },
      { name: 'mariadb', grammar: 'mariadb', ...MYSQL },
      {
        name: 'bigquery',
        ...MYSQL,
        grammar: 'bigquery',
        quotedPaths: true,
        division: 'double',
        nullDivision: false,
        logicalBars: false,
        zeroBased: true,
        types: new Map([
          ...COMMON_TYPES,
          ['TIMESTAMP', 'timestamptz'],
          ['NUMERIC', 'numeric'],
          ['BIGNUMERIC', 'numeric'],
        ]),
      },
      {
        name: 'snowflake',
        ...STANDARD,
        grammar: 'snowflake',
        backslashEscapes: true,
        division: 6,
        zeroBased: true,
      },
      { name: 'trino', grammar: 'trino', ...TRINO },
      { name: 'athena', grammar: 'athena', ...TRINO },
      { name: 'redshift', ...STANDARD, grammar: 'redshift' },
      {
        name: 'sqlite',
        ...STANDARD,
        grammar: 'sqlite',
        identifierQuotes: '`"[',
        nullDivision: true,
        nulls: 'smallest',
        truncatingCasts: true,
        strictConcat: false,
      },
      { name: 'db2', ...STANDARD, grammar: 'db2', truncatingCasts: true },
      {
        name: 'transactsql',
        ...STANDARD,
        grammar: 'transactsql',
        identifierQuotes: '"[',
        nulls: 'smallest',
        truncatingCasts: true,
        strictConcat: false,
        caretIsXor: true,
        types: new Map([...COMMON_TYPES, ...TRANSACT_TYPES]),
      },
    ] satisfies DialectProfile[]
  ).map((profile) => [profile.name, profile]),
);

/** The profile of a dialect, null for PostgreSQL's own and for unknown names. */
export function dialectProfile(name: string): DialectProfile | null {
  return PROFILES.get(name.toLowerCase()) ?? null;
}

/** The values that `SET sql_dialect` accepts. */
export const DIALECT_NAMES: readonly string[] = ['postgres', ...PROFILES.keys()];
