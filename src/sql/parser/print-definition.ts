// Printing CREATE statements and their parts.
import type { Expression, Persistence } from '../ast.ts';
import type {
  ColumnConstraint,
  ColumnDefinition,
  ConstraintTiming,
  CreateFunction,
  CreateTable,
  FormatClause,
  FunctionParameter,
  IngestClauses,
  PartitionBound,
  PartitionBy,
  References,
  SequenceOption,
  TableConstraint,
  TableElement,
  TypeName,
} from '../ast-definition.ts';
import {
  join,
  printBody,
  printColumns,
  printName,
  printNames,
  printOptionList,
  printParts,
  printQualifiedName,
  printString,
  printType,
  printWithOptions,
} from './print-name.ts';
import { printExpression, printIndexElement } from './print-query.ts';

export function printTypeName(type: TypeName): string {
  return printType(type, printExpression);
}

export function printPersistence(persistence: Persistence): string {
  return persistence === 'permanent' ? '' : persistence.toUpperCase();
}

function printCollation(collation: readonly string[]): string {
  return collation.length === 0 ? '' : `COLLATE ${printParts(collation)}`;
}

// --------------------------------------------------------------------------------------------------------------- tables
export function printCreateTable(s: CreateTable): string {
  const elements = `(${s.elements.map(printTableElement).join(', ')})`;
  const kind =
    s.ofType !== null
      ? `OF ${printTypeName(s.ofType)}`
      : s.partitionOf !== null && `PARTITION OF ${printQualifiedName(s.partitionOf)}`;
  return join(
    'CREATE',
    printPersistence(s.persistence),
    'TABLE',
    s.ifNotExists && 'IF NOT EXISTS',
    printQualifiedName(s.table),
    kind,
    kind !== false && s.elements.length === 0 ? '' : elements,
    s.partitionBound && printPartitionBound(s.partitionBound),
    s.inherits.length > 0 && `INHERITS (${s.inherits.map(printQualifiedName).join(', ')})`,
    s.partitionBy && printPartitionBy(s.partitionBy),
    s.accessMethod && `USING ${printName(s.accessMethod)}`,
    printWithOptions(s.options).trim(),
    printOnCommit(s.onCommit),
    s.tablespace && `TABLESPACE ${printName(s.tablespace)}`,
    printIngest(s.ingest),
  );
}

export function printOnCommit(action: CreateTable['onCommit']): string {
  if (action === null) return '';
  return action === 'drop' ? 'ON COMMIT DROP' : `ON COMMIT ${action.toUpperCase()} ROWS`;
}

function printPartitionBy(partition: PartitionBy): string {
  return `PARTITION BY ${printName(partition.strategy)} (${partition.keys.map(printIndexElement).join(', ')})`;
}

export function printPartitionBound(bound: PartitionBound): string {
  const list = (values: readonly Expression[]): string => values.map(printExpression).join(', ');
  switch (bound.kind) {
    case 'default':
      return 'DEFAULT';
    case 'in':
      return `FOR VALUES IN (${list(bound.values)})`;
    case 'range':
      return `FOR VALUES FROM (${list(bound.from)}) TO (${list(bound.to)})`;
    case 'hash':
      return `FOR VALUES WITH (MODULUS ${bound.modulus}, REMAINDER ${bound.remainder})`;
  }
}

export function printTableElement(element: TableElement): string {
  switch (element.kind) {
    case 'column_definition':
      return printColumnDefinition(element);
    case 'like_clause': {
      const options = element.options.map((o) => ` ${o.including ? 'INCLUDING' : 'EXCLUDING'} ${o.what.toUpperCase()}`);
      return `LIKE ${printQualifiedName(element.table)}${options.join('')}`;
    }
    case 'watermark': {
      const idle = element.idleTimeout === null ? '' : ` IDLE TIMEOUT ${printExpression(element.idleTimeout)}`;
      return `WATERMARK FOR ${printName(element.column)} AS ${printExpression(element.expression)}${idle}`;
    }
    default:
      return printTableConstraint(element);
  }
}

export function printColumnDefinition(column: ColumnDefinition): string {
  return join(
    printName(column.name),
    column.type && printTypeName(column.type),
    column.storage && `STORAGE ${column.storage === 'default' ? 'DEFAULT' : printName(column.storage)}`,
    column.compression && `COMPRESSION ${column.compression === 'default' ? 'DEFAULT' : printName(column.compression)}`,
    printCollation(column.collation),
    ...column.constraints.map(printColumnConstraint),
  );
}

export function printColumnConstraint(constraint: ColumnConstraint): string {
  const name = constraint.name === null ? '' : `CONSTRAINT ${printName(constraint.name)}`;
  return join(name, printColumnConstraintBody(constraint), printTiming(constraint));
}

function printColumnConstraintBody(constraint: ColumnConstraint): string {
  switch (constraint.kind) {
    case 'not_null':
      return 'NOT NULL';
    case 'null':
      return 'NULL';
    case 'default':
      return `DEFAULT ${printDefault(constraint.expression)}`;
    case 'generated':
      return `GENERATED ALWAYS AS (${printExpression(constraint.expression)})${constraint.stored ? ' STORED' : ''}`;
    case 'identity':
      return printIdentity(constraint.always, constraint.options);
    case 'metadata':
      return `METADATA FROM ${printString(constraint.from)}`;
    case 'primary_key':
    case 'unique': {
      const nulls = constraint.kind === 'unique' && constraint.nullsNotDistinct ? ' NULLS NOT DISTINCT' : '';
      return `${constraint.kind === 'unique' ? 'UNIQUE' : 'PRIMARY KEY'}${nulls}${printIndexTail(constraint)}`;
    }
    case 'check':
      return `CHECK (${printExpression(constraint.expression)})${constraint.noInherit ? ' NO INHERIT' : ''}`;
    case 'references':
      return printReferences(constraint);
  }
}

/** What DEFAULT takes without parentheses, so that a following constraint is not read into it. */
const PLAIN_DEFAULTS: ReadonlySet<Expression['kind']> = new Set<Expression['kind']>([
  'null',
  'boolean',
  'integer',
  'decimal',
  'string',
  'cast',
  'sql_value',
  'array',
]);

function printDefault(expression: Expression): string {
  const text = printExpression(expression);
  const call = expression.kind === 'function' && expression.syntax === null;
  return call || PLAIN_DEFAULTS.has(expression.kind) ? text : `(${text})`;
}

export function printIdentity(always: boolean, options: readonly SequenceOption[]): string {
  const list = options.length === 0 ? '' : ` (${options.map(printSequenceOption).join(' ')})`;
  return `GENERATED ${always ? 'ALWAYS' : 'BY DEFAULT'} AS IDENTITY${list}`;
}

function printIndexTail(tail: Pick<CreateTable, 'options' | 'tablespace'>): string {
  const tablespace = tail.tablespace === null ? '' : ` USING INDEX TABLESPACE ${printName(tail.tablespace)}`;
  return `${printWithOptions(tail.options)}${tablespace}`;
}

function printTiming(timing: ConstraintTiming): string {
  return join(
    timing.deferrable && 'DEFERRABLE',
    timing.initiallyDeferred && 'INITIALLY DEFERRED',
    timing.notValid && 'NOT VALID',
    timing.notEnforced && 'NOT ENFORCED',
  );
}

function printReferences(r: References): string {
  const action = (word: string): string => word.replace('_', ' ').toUpperCase();
  return join(
    `REFERENCES ${printQualifiedName(r.table)}${printColumns(r.columns)}`,
    r.match !== 'simple' && `MATCH ${r.match.toUpperCase()}`,
    r.onDelete !== 'no_action' && `ON DELETE ${action(r.onDelete)}${printColumns(r.onDeleteColumns)}`,
    r.onUpdate !== 'no_action' && `ON UPDATE ${action(r.onUpdate)}`,
  );
}

export function printTableConstraint(constraint: TableConstraint): string {
  const name = constraint.name === null ? '' : `CONSTRAINT ${printName(constraint.name)}`;
  return join(name, printTableConstraintBody(constraint), printTiming(constraint));
}

function printTableConstraintBody(constraint: TableConstraint): string {
  switch (constraint.kind) {
    case 'table_check':
      return `CHECK (${printExpression(constraint.expression)})${constraint.noInherit ? ' NO INHERIT' : ''}`;
    case 'table_not_null':
      return `NOT NULL ${printName(constraint.column)}${constraint.noInherit ? ' NO INHERIT' : ''}`;
    case 'table_foreign_key':
      return `FOREIGN KEY (${printNames(constraint.localColumns)}) ${printReferences(constraint)}`;
    case 'table_primary_key':
    case 'table_unique': {
      const word = constraint.kind === 'table_unique' ? 'UNIQUE' : 'PRIMARY KEY';
      if (constraint.usingIndex !== null) return `${word} USING INDEX ${printName(constraint.usingIndex)}`;
      const nulls = constraint.nullsNotDistinct ? ' NULLS NOT DISTINCT' : '';
      return `${word}${nulls} (${printNames(constraint.columns)})${printInclude(constraint.including)}${printIndexTail(constraint)}`;
    }
    case 'table_exclude': {
      const elements = constraint.elements.map((e) => `${printIndexElement(e.element)} WITH ${e.operator}`).join(', ');
      const using = constraint.accessMethod === null ? '' : ` USING ${printName(constraint.accessMethod)}`;
      const where = constraint.where === null ? '' : ` WHERE (${printExpression(constraint.where)})`;
      const tail = `${printInclude(constraint.including)}${printIndexTail(constraint)}`;
      return `EXCLUDE${using} (${elements})${tail}${where}`;
    }
  }
}

export function printInclude(columns: readonly string[]): string {
  return columns.length === 0 ? '' : ` INCLUDE (${printNames(columns)})`;
}

export function printIngest({ format, onLate, onError }: IngestClauses): string {
  return join(
    format && printFormat(format),
    onLate &&
      `ON LATE ${onLate.kind === 'into' ? `INTO ${printQualifiedName(onLate.stream)}` : onLate.kind.toUpperCase()}`,
    onError &&
      `ON ERROR ${onError.kind === 'into' ? `INTO ${printQualifiedName(onError.stream)}` : onError.kind.toUpperCase()}`,
  );
}

export function printFormat(format: FormatClause): string {
  const options = format.options.length === 0 ? '' : ` (${printOptionList(format.options)})`;
  return `FORMAT ${format.format.toUpperCase()} ENCODE ${format.encode.toUpperCase()}${options}`;
}

// ------------------------------------------------------------------------------------------------- sequences and functions
export function printSequenceOption(option: SequenceOption): string {
  switch (option.kind) {
    case 'increment':
      return `INCREMENT BY ${option.value}`;
    case 'start':
      return `START WITH ${option.value}`;
    case 'restart':
      return option.value === null ? 'RESTART' : `RESTART WITH ${option.value}`;
    case 'minvalue':
    case 'maxvalue':
    case 'cache':
      return option.value === null ? `NO ${option.kind.toUpperCase()}` : `${option.kind.toUpperCase()} ${option.value}`;
    case 'cycle':
      return option.value ? 'CYCLE' : 'NO CYCLE';
    case 'logged':
      return option.value ? 'LOGGED' : 'UNLOGGED';
    case 'owned_by':
      return `OWNED BY ${option.name.length === 1 && option.name[0] === 'none' ? 'NONE' : printParts(option.name)}`;
    case 'sequence_name':
      return `SEQUENCE NAME ${printParts(option.name)}`;
    case 'as':
      return `AS ${printTypeName(option.type)}`;
  }
}

export function printParameters(parameters: readonly FunctionParameter[]): string {
  return parameters
    .map((parameter) =>
      join(
        parameter.mode !== 'in' && parameter.mode.toUpperCase(),
        parameter.name && printName(parameter.name),
        parameter.type === null ? 'TABLE' : printTypeName(parameter.type),
        parameter.default && `DEFAULT ${printExpression(parameter.default)}`,
      ),
    )
    .join(', ');
}

/** `atomic` prints the statements of a BEGIN ATOMIC body. */
export function printCreateFunction(s: CreateFunction, atomic: (s: CreateFunction) => string): string {
  const table =
    s.returnsTable &&
    `RETURNS TABLE (${s.returnsTable.map((c) => `${printName(c.name)} ${printTypeName(c.type)}`).join(', ')})`;
  const state = s.state.map((c) =>
    join(printName(c.name), printTypeName(c.type), c.ttl && `TTL ${printString(c.ttl)}`),
  );
  return join(
    `CREATE ${s.orReplace ? 'OR REPLACE ' : ''}${s.procedure ? 'PROCEDURE' : 'FUNCTION'}`,
    `${printQualifiedName(s.name)}(${printParameters(s.parameters)})`,
    s.returns && `RETURNS ${printTypeName(s.returns)}`,
    table,
    s.language && `LANGUAGE ${printName(s.language)}`,
    s.window && 'WINDOW',
    s.volatility?.toUpperCase() ?? null,
    s.leakproof !== null && (s.leakproof ? 'LEAKPROOF' : 'NOT LEAKPROOF'),
    s.strict !== null && (s.strict ? 'STRICT' : 'CALLED ON NULL INPUT'),
    s.securityDefiner !== null && (s.securityDefiner ? 'SECURITY DEFINER' : 'SECURITY INVOKER'),
    s.parallel && `PARALLEL ${printName(s.parallel)}`,
    s.cost && `COST ${s.cost}`,
    s.rows && `ROWS ${s.rows}`,
    ...s.settings.map(printFunctionSetting),
    printWithOptions(s.options).trim(),
    state.length > 0 && `STATE (${state.join(', ')})`,
    s.body.length > 0 && `AS ${s.body.map(printBody).join(', ')}`,
    s.returnExpression && `RETURN ${printExpression(s.returnExpression)}`,
    s.atomicBody && atomic(s),
  );
}

function printFunctionSetting({ name, namespace, value }: CreateFunction['settings'][number]): string {
  const dotted = printParts(name.split('.'));
  if (namespace === 'reset') return `RESET ${dotted}`;
  if (namespace === 'from_current') return `SET ${dotted} FROM CURRENT`;
  const items = value?.kind === 'list' ? value.items : [];
  return `SET ${dotted} TO ${items.length === 0 ? 'DEFAULT' : items.map(printSettingText).join(', ')}`;
}

/** A setting's value as text: numbers stay bare. */
export function printSettingText(text: string): string {
  return /^-?\d+(\.\d+)?$/.test(text) ? text : printString(text);
}
