// Printing transactions, settings, cursors, COPY, EXPLAIN, subscriptions and maintenance.
import type { Statement } from '../ast.ts';
import type {
  Copy,
  FetchCursor,
  Maintenance,
  SetSetting,
  Subscribe,
  Transaction,
  TransactionMode,
  UtilityStatement,
} from '../ast-utility.ts';
import { printTypeName } from './print-definition.ts';
import {
  join,
  printBody,
  printColumns,
  printGenericOptions,
  printName,
  printNames,
  printParts,
  printQualifiedName,
  printString,
  printWithOptions,
} from './print-name.ts';
import { printExpression, printQuery } from './print-query.ts';

type Print = (statement: Statement) => string;
type Of<K extends UtilityStatement['kind']> = Extract<UtilityStatement, { kind: K }>;

export function printUtility(s: UtilityStatement, print: Print): string {
  switch (s.kind) {
    case 'transaction':
      return printTransaction(s);
    case 'set_transaction':
    case 'set':
    case 'set_time_zone':
    case 'show':
    case 'show_objects':
    case 'show_columns':
    case 'show_create':
    case 'set_constraints':
      return printSetting(s);
    case 'prepare':
    case 'execute':
    case 'deallocate':
    case 'declare_cursor':
    case 'fetch':
    case 'close':
      return printCursor(s, print);
    case 'explain': {
      const options = s.options.length === 0 ? '' : ` (${printGenericOptions(s.options)})`;
      return `EXPLAIN${options} ${print(s.statement)}`;
    }
    case 'copy':
      return printCopy(s, print);
    case 'subscribe':
      return printSubscribe(s);
    case 'acknowledge':
      return `ACKNOWLEDGE ${printQualifiedName(s.subscription)} UP TO ${printExpression(s.upTo)}`;
    default:
      return printRest(s);
  }
}

function printModes(modes: readonly TransactionMode[]): string {
  return modes
    .map((mode) => {
      switch (mode.kind) {
        case 'isolation':
          return `ISOLATION LEVEL ${mode.level.toUpperCase()}`;
        case 'read_only':
          return mode.value ? 'READ ONLY' : 'READ WRITE';
        case 'deferrable':
          return mode.value ? 'DEFERRABLE' : 'NOT DEFERRABLE';
      }
      return '';
    })
    .join(', ');
}

function printTransaction(s: Transaction): string {
  const chain = s.chain ? 'AND CHAIN' : '';
  switch (s.action) {
    case 'begin':
      return join('BEGIN', printModes(s.modes));
    case 'start':
      return join('START TRANSACTION', printModes(s.modes));
    case 'commit':
    case 'rollback':
      return join(s.action.toUpperCase(), chain);
    case 'savepoint':
    case 'release':
      return `${s.action.toUpperCase()} ${printName(s.name!)}`;
    case 'rollback_to':
      return `ROLLBACK TO SAVEPOINT ${printName(s.name!)}`;
    case 'prepare':
      return `PREPARE TRANSACTION ${printString(s.name!)}`;
    case 'commit_prepared':
    case 'rollback_prepared':
      return `${s.action.replace('_', ' ').toUpperCase()} ${printString(s.name!)}`;
  }
}

function printSetting(
  s: Of<
    | 'set_transaction'
    | 'set'
    | 'set_time_zone'
    | 'show'
    | 'show_objects'
    | 'show_columns'
    | 'show_create'
    | 'set_constraints'
  >,
): string {
  switch (s.kind) {
    case 'set_transaction':
      if (s.snapshot !== null) return `SET TRANSACTION SNAPSHOT ${printString(s.snapshot)}`;
      if (s.scope === 'transaction') return `SET TRANSACTION ${printModes(s.modes)}`;
      return `SET SESSION CHARACTERISTICS AS TRANSACTION ${printModes(s.modes)}`;
    case 'set':
      return printSet(s);
    case 'set_time_zone':
      return `SET ${s.local ? 'LOCAL ' : ''}TIME ZONE ${s.value === null ? 'DEFAULT' : printExpression(s.value)}`;
    case 'show':
      return s.name === 'all' ? 'SHOW ALL' : `SHOW ${printParts(s.name.split('.'))}`;
    case 'show_objects':
      return (
        `SHOW ${s.what.replace('_', ' ').toUpperCase()}${s.from === null ? '' : ` FROM ${printQualifiedName(s.from)}`}` +
        (s.like === null ? '' : ` LIKE ${printString(s.like)}`)
      );
    case 'show_columns':
      return `SHOW COLUMNS FROM ${printQualifiedName(s.relation)}`;
    case 'show_create':
      return `SHOW CREATE ${s.object.replace('_', ' ').toUpperCase()} ${printQualifiedName(s.relation)}`;
    case 'set_constraints': {
      const names = s.names.length === 0 ? 'ALL' : s.names.map(printQualifiedName).join(', ');
      return `SET CONSTRAINTS ${names} ${s.deferred ? 'DEFERRED' : 'IMMEDIATE'}`;
    }
  }
}

function printSet(s: SetSetting): string {
  const name = printParts(s.name.split('.'));
  if (s.reset) return s.name === 'all' ? 'RESET ALL' : `RESET ${name}`;
  if (s.fromCurrent) return `SET ${name} FROM CURRENT`;
  const values = s.values?.map((v) => (v.kind === 'number' ? v.text : printString(v.text))).join(', ') ?? 'DEFAULT';
  return `SET ${s.local ? 'LOCAL ' : ''}${name} TO ${values}`;
}

function printCursor(
  s: Of<'prepare' | 'execute' | 'deallocate' | 'declare_cursor' | 'fetch' | 'close'>,
  print: Print,
): string {
  switch (s.kind) {
    case 'prepare': {
      const types = s.types.length === 0 ? '' : ` (${s.types.map(printTypeName).join(', ')})`;
      return `PREPARE ${printName(s.name)}${types} AS ${print(s.statement)}`;
    }
    case 'execute': {
      const values = s.arguments.length === 0 ? '' : ` (${s.arguments.map(printExpression).join(', ')})`;
      return `EXECUTE ${printName(s.name)}${values}`;
    }
    case 'deallocate':
      return `DEALLOCATE ${s.name === null ? 'ALL' : printName(s.name)}`;
    case 'declare_cursor':
      return join(
        `DECLARE ${printName(s.name)}`,
        s.binary && 'BINARY',
        s.insensitive !== null && (s.insensitive ? 'INSENSITIVE' : 'ASENSITIVE'),
        s.scroll !== null && (s.scroll ? 'SCROLL' : 'NO SCROLL'),
        `CURSOR ${s.hold ? 'WITH HOLD ' : ''}FOR ${print(s.query)}`,
      );
    case 'fetch':
      return printFetch(s);
    case 'close':
      return `CLOSE ${s.name === null ? 'ALL' : printName(s.name)}`;
  }
}

function printFetch(s: FetchCursor): string {
  const count = s.count === null ? 'ALL' : String(s.count);
  const options = printWithOptions(s.options);
  return `${s.move ? 'MOVE' : 'FETCH'} ${s.direction.toUpperCase()} ${count} FROM ${printName(s.cursor)}${options}`;
}

function printCopy(s: Copy, print: Print): string {
  const { endpoint } = s;
  const source = s.table === null ? `(${print(s.query!)})` : printQualifiedName(s.table) + printColumns(s.columns);
  const place =
    endpoint.kind === 'stdio'
      ? s.direction === 'from'
        ? 'STDIN'
        : 'STDOUT'
      : endpoint.kind === 'file'
        ? printString(endpoint.path)
        : `PROGRAM ${printString(endpoint.command)}`;
  return join(
    `COPY ${source} ${s.direction.toUpperCase()} ${place}`,
    s.options.length > 0 && `WITH (${printGenericOptions(s.options)})`,
    s.where && `WHERE ${printExpression(s.where)}`,
  );
}

function printSubscribe(s: Subscribe): string {
  const { envelope } = s;
  return join(
    `SUBSCRIBE TO ${s.relation === null ? `(${printQuery(s.query!)})` : printQualifiedName(s.relation)}`,
    envelope && `ENVELOPE ${envelope.kind.toUpperCase()} (KEY (${printNames(envelope.key)}))`,
    printWithOptions(s.options).trim(),
    s.asOf && `AS OF ${printExpression(s.asOf)}`,
    s.upTo && `UP TO ${printExpression(s.upTo)}`,
  );
}

type Rest = Of<
  | 'truncate'
  | 'lock'
  | 'listen'
  | 'unlisten'
  | 'notify'
  | 'discard'
  | 'maintenance'
  | 'do'
  | 'call'
  | 'refresh_materialized_view'
  | 'unsupported'
>;

function printRest(s: Rest): string {
  switch (s.kind) {
    case 'truncate':
      return join(`TRUNCATE ${printTables(s.tables)}`, s.restartIdentity && 'RESTART IDENTITY', s.cascade && 'CASCADE');
    case 'lock':
      return join(`LOCK TABLE ${printTables(s.tables)} IN ${s.mode.toUpperCase()} MODE`, s.nowait && 'NOWAIT');
    case 'listen':
      return `LISTEN ${printName(s.channel)}`;
    case 'unlisten':
      return `UNLISTEN ${s.channel === null ? '*' : printName(s.channel)}`;
    case 'notify':
      return `NOTIFY ${printName(s.channel)}${s.payload === null ? '' : `, ${printString(s.payload)}`}`;
    case 'discard':
      return `DISCARD ${s.what.toUpperCase()}`;
    case 'maintenance':
      return printMaintenance(s);
    case 'do':
      return join('DO', s.language && `LANGUAGE ${printName(s.language)}`, printBody(s.body));
    case 'call':
      return `CALL ${printExpression(s.call)}`;
    case 'refresh_materialized_view':
      return join(
        'REFRESH MATERIALIZED VIEW',
        s.concurrently && 'CONCURRENTLY',
        printQualifiedName(s.name),
        !s.withData && 'WITH NO DATA',
      );
    case 'unsupported':
      return s.text;
  }
}

function printTables(tables: Of<'truncate'>['tables']): string {
  return tables.map(({ table, only }) => `${only ? 'ONLY ' : ''}${printQualifiedName(table)}`).join(', ');
}

const REINDEX_TARGETS: ReadonlySet<string> = new Set([
  'index',
  'table',
  'schema',
  'database',
  'system',
  'concurrently',
]);

function printMaintenance(s: Maintenance): string {
  const word = s.command.toUpperCase();
  const relations = s.relations.map((r) => printQualifiedName(r.table) + printColumns(r.columns)).join(', ');
  const target =
    s.command === 'reindex' ? s.options.filter((o) => REINDEX_TARGETS.has(o.name) && o.value === null) : [];
  const using = s.command === 'cluster' ? s.options.find((o) => o.name === 'using') : undefined;
  const options = s.options.filter((o) => !target.includes(o) && o !== using);
  return join(
    word,
    options.length > 0 && `(${printGenericOptions(options)})`,
    ...target.map((o) => o.name.toUpperCase()),
    relations,
    using?.value?.kind === 'word' && `USING ${printName(using.value.text)}`,
  );
}
