// Printing CREATE statements other than tables and functions, which are in print-definition.ts.

import type { Statement } from '../ast.ts';
import type { AlterStatement } from '../ast-alter.ts';
import type { DefinitionStatement } from '../ast-definition.ts';
import { printRole, printRoleOption } from './print-alter.ts';
import {
  printColumnConstraint,
  printCreateFunction,
  printCreateTable,
  printFormat,
  printInclude,
  printIngest,
  printOnCommit,
  printParameters,
  printPersistence,
  printSequenceOption,
  printTableElement,
  printTypeName,
} from './print-definition.ts';
import {
  join,
  printBody,
  printColumns,
  printName,
  printOptionList,
  printOptionValue,
  printParts,
  printQualifiedName,
  printString,
  printWithOptions,
} from './print-name.ts';
import { printExpression, printIndexElement, printQuery } from './print-query.ts';

type CreateStatement = Exclude<DefinitionStatement, AlterStatement | { kind: 'alter_materialized_view_state' }>;
type Of<K extends CreateStatement['kind']> = Extract<CreateStatement, { kind: K }>;

/** `print` prints any statement: EXECUTE in CREATE TABLE AS, the elements of CREATE SCHEMA, a function's statements. */
export function printCreate(s: CreateStatement, print: (statement: Statement) => string): string {
  switch (s.kind) {
    case 'create_table':
      return printCreateTable(s);
    case 'create_table_as':
      return printTableAs(s, print);
    case 'create_function':
      return printCreateFunction(
        s,
        (f) => `BEGIN ATOMIC ${(f.atomicBody ?? []).map((x) => `${print(x)}; `).join('')}END`,
      );
    case 'create_aggregate':
      return printAggregate(s);
    case 'create_schema':
      return join(
        'CREATE SCHEMA',
        s.ifNotExists && 'IF NOT EXISTS',
        s.name && printName(s.name),
        s.owner && `AUTHORIZATION ${printRole(s.owner)}`,
        ...s.elements.map(print),
      );
    case 'create_index':
      return printIndex(s);
    case 'create_stream':
    case 'create_sink':
    case 'create_subscription':
    case 'create_materialized_view':
      return printStreaming(s);
    case 'create_view':
      return printView(s);
    default:
      return printSmall(s);
  }
}

function printTableAs(s: Of<'create_table_as'>, print: (statement: Statement) => string): string {
  return join(
    'CREATE',
    printPersistence(s.persistence),
    'TABLE',
    s.ifNotExists && 'IF NOT EXISTS',
    printQualifiedName(s.table) + printColumns(s.columns),
    s.accessMethod && `USING ${printName(s.accessMethod)}`,
    printWithOptions(s.options).trim(),
    printOnCommit(s.onCommit),
    s.tablespace && `TABLESPACE ${printName(s.tablespace)}`,
    `AS ${print(s.source)}`,
    !s.withData && 'WITH NO DATA',
  );
}

function printView(s: Of<'create_view'>): string {
  return join(
    'CREATE',
    s.orReplace && 'OR REPLACE',
    printPersistence(s.persistence),
    s.recursive && 'RECURSIVE',
    `VIEW ${printQualifiedName(s.name)}${printColumns(s.columns)}`,
    printWithOptions(s.options).trim(),
    `AS ${printQuery(s.query)}`,
    s.checkOption && `WITH ${s.checkOption.toUpperCase()} CHECK OPTION`,
  );
}

function printStreaming(
  s: Of<'create_stream' | 'create_sink' | 'create_subscription' | 'create_materialized_view'>,
): string {
  const head = join('CREATE', 'orReplace' in s && s.orReplace && 'OR REPLACE');
  const name = `${s.ifNotExists ? 'IF NOT EXISTS ' : ''}${printQualifiedName(s.name)}`;
  const options = printWithOptions(s.options).trim();
  switch (s.kind) {
    case 'create_stream': {
      const elements = s.elements.length === 0 ? '' : `(${s.elements.map(printTableElement).join(', ')})`;
      return join(head, s.word.toUpperCase(), name, elements, options, printIngest(s.ingest));
    }
    case 'create_sink': {
      const source = s.from === null ? `AS ${printQuery(s.query!)}` : `FROM ${printQualifiedName(s.from)}`;
      return join(head, 'SINK', name, source, options, s.format && printFormat(s.format));
    }
    case 'create_subscription':
      return join(head, 'SUBSCRIPTION', name, `FOR ${printQualifiedName(s.relation)}`, options);
    case 'create_materialized_view':
      return join(
        head,
        s.unlogged && 'UNLOGGED',
        'MATERIALIZED VIEW',
        name + printColumns(s.columns),
        s.accessMethod && `USING ${printName(s.accessMethod)}`,
        options,
        s.tablespace && `TABLESPACE ${printName(s.tablespace)}`,
        `AS ${printQuery(s.query)}`,
        !s.withData && 'WITH NO DATA',
      );
  }
}

function printIndex(s: Of<'create_index'>): string {
  return join(
    'CREATE',
    s.unique && 'UNIQUE',
    'INDEX',
    s.concurrently && 'CONCURRENTLY',
    s.ifNotExists && 'IF NOT EXISTS',
    s.name && printName(s.name),
    `ON ${s.only ? 'ONLY ' : ''}${printQualifiedName(s.table)}`,
    `USING ${printName(s.method)}`,
    `(${s.elements.map(printIndexElement).join(', ')})${printInclude(s.including)}`,
    s.nullsNotDistinct && 'NULLS NOT DISTINCT',
    printWithOptions(s.options).trim(),
    s.tablespace && `TABLESPACE ${printName(s.tablespace)}`,
    s.where && `WHERE ${printExpression(s.where)}`,
  );
}

function printAggregate(s: Of<'create_aggregate'>): string {
  const head = `CREATE ${s.orReplace ? 'OR REPLACE ' : ''}AGGREGATE ${printQualifiedName(s.name)}`;
  const parameters = `(${s.star ? '*' : printParameters(s.parameters)})`;
  if (s.body.length === 0) return `${head}${parameters} (${printOptionList(s.options)})`;
  return join(
    `${head}${parameters} RETURNS ${printTypeName(s.returns!)}`,
    s.language && `LANGUAGE ${printName(s.language)}`,
    printWithOptions(s.options).trim(),
    `AS ${s.body.map(printBody).join(', ')}`,
  );
}

type Small = Of<
  | 'create_sequence'
  | 'create_enum'
  | 'create_composite_type'
  | 'create_domain'
  | 'create_database'
  | 'create_role'
  | 'create_extension'
>;

function printSmall(s: Small): string {
  switch (s.kind) {
    case 'create_sequence':
      return join(
        'CREATE',
        printPersistence(s.persistence),
        'SEQUENCE',
        s.ifNotExists && 'IF NOT EXISTS',
        printQualifiedName(s.name),
        ...s.options.map(printSequenceOption),
      );
    case 'create_enum':
      return `CREATE TYPE ${printQualifiedName(s.name)} AS ENUM (${s.labels.map(printString).join(', ')})`;
    case 'create_composite_type': {
      const attributes = s.attributes.map((a) =>
        join(printName(a.name), printTypeName(a.type), a.collation.length > 0 && `COLLATE ${printParts(a.collation)}`),
      );
      return `CREATE TYPE ${printQualifiedName(s.name)} AS (${attributes.join(', ')})`;
    }
    case 'create_domain':
      return join(
        `CREATE DOMAIN ${printQualifiedName(s.name)} AS ${printTypeName(s.type)}`,
        s.collation.length > 0 && `COLLATE ${printParts(s.collation)}`,
        ...s.constraints.map(printColumnConstraint),
      );
    case 'create_database': {
      const options = s.options.map((o) => {
        const name = o.name === 'connection_limit' ? 'CONNECTION LIMIT' : o.name;
        return `${name} = ${o.value === null ? 'DEFAULT' : printOptionValue(o.value)}`;
      });
      return join(`CREATE DATABASE ${printName(s.name)}`, ...options);
    }
    case 'create_role':
      return join(`CREATE ${s.word.toUpperCase()} ${printName(s.name)}`, ...s.options.map(printRoleOption));
    case 'create_extension':
      return join(
        'CREATE EXTENSION',
        s.ifNotExists && 'IF NOT EXISTS',
        printName(s.name),
        ...s.options.map((o) => join(o.name.toUpperCase(), o.value?.kind === 'word' && printName(o.value.text))),
      );
  }
}
