// Printing names, literals, types and option lists: what every statement's printer uses. The text reads back as the same tree.

import { KEYWORDS } from '../../functions/keywords.ts';
import type { Expression } from '../ast.ts';
import type { Option, OptionValue, QualifiedName, TypeName } from '../ast-definition.ts';

/** An identifier, quoted where it must be. */
export function printName(name: string): string {
  if (/^[a-z_][a-z0-9_$]*$/.test(name)) {
    const keyword = KEYWORDS.get(name);
    if (keyword === undefined || keyword.category === 'unreserved') return name;
  }
  return `"${name.replaceAll('"', '""')}"`;
}

export function printParts(parts: readonly string[]): string {
  return parts.map(printName).join('.');
}

export function printQualifiedName(name: QualifiedName): string {
  return printParts(name.parts);
}

export function printNames(names: readonly string[]): string {
  return names.map(printName).join(', ');
}

/** ` (a, b)`, or nothing for an empty list */
export function printColumns(names: readonly string[]): string {
  return names.length === 0 ? '' : ` (${printNames(names)})`;
}

/** A string constant; with backslashes in it, an E'..' one, which reads the same under any setting. */
export function printString(value: string): string {
  const quoted = value.replaceAll("'", "''");
  return value.includes('\\') ? `E'${quoted.replaceAll('\\', '\\\\')}'` : `'${quoted}'`;
}

/** Text between dollars, with a tag that does not occur in it. */
export function printBody(body: string): string {
  let tag = '$$';
  for (let number = 0; body.includes(tag) || (body.endsWith('$') && tag === '$$'); number++)
    tag = `$body${number || ''}$`;
  return `${tag}${body}${tag}`;
}

/** Non-empty parts with blanks between them. */
export function join(...parts: readonly (string | false | null)[]): string {
  return parts.filter((part) => part !== '' && part !== false && part !== null).join(' ');
}

const SYSTEM_TYPES: ReadonlyMap<string, string> = new Map([
  ['int4', 'integer'],
  ['int2', 'smallint'],
  ['int8', 'bigint'],
  ['float4', 'real'],
  ['float8', 'double precision'],
  ['bool', 'boolean'],
  ['numeric', 'numeric'],
  ['varchar', 'character varying'],
  ['varbit', 'bit varying'],
  ['json', 'json'],
]);
const TIME_TYPES: ReadonlyMap<string, readonly [string, string]> = new Map([
  ['time', ['time', ' without time zone']],
  ['timetz', ['time', ' with time zone']],
  ['timestamp', ['timestamp', ' without time zone']],
  ['timestamptz', ['timestamp', ' with time zone']],
]);

export function printType(type: TypeName, print: (e: Expression) => string): string {
  const bounds = type.arrayBounds.map((bound) => `[${bound ?? ''}]`).join('');
  return `${type.setOf ? 'SETOF ' : ''}${printBaseType(type, print)}${type.percentType ? '%TYPE' : ''}${bounds}`;
}

function printBaseType(type: TypeName, print: (e: Expression) => string): string {
  const modifiers = type.modifiers.length === 0 ? '' : `(${type.modifiers.map(print).join(', ')})`;
  const [schema, name] = type.name;
  if (type.name.length !== 2 || schema !== 'pg_catalog' || name === undefined) {
    return `${printParts(type.name)}${modifiers}`;
  }
  const word = SYSTEM_TYPES.get(name);
  if (word !== undefined) return `${word}${modifiers}`;
  const time = TIME_TYPES.get(name);
  if (time !== undefined) return `${time[0]}${modifiers}${time[1]}`;
  if (name === 'interval') {
    return type.intervalFields === null ? `interval${modifiers}` : `interval ${type.intervalFields}${modifiers}`;
  }
  if (name === 'bpchar' && modifiers !== '') return `character${modifiers}`;
  if (name === 'bit' && modifiers !== '') return `bit${modifiers}`;
  return `pg_catalog.${printName(name)}${modifiers}`;
}

/** `type 'value'`, with an interval's fields behind the value */
export function printTypedLiteral(type: TypeName, value: string, print: (e: Expression) => string): string {
  if (type.intervalFields === null) return `${printBaseType(type, print)} ${printString(value)}`;
  const precision = type.modifiers.length === 0 ? '' : `(${type.modifiers.map(print).join(', ')})`;
  return `interval ${printString(value)} ${type.intervalFields}${precision}`;
}

// --------------------------------------------------------------------------------------------------------------- options
function printOptionName(option: Option): string {
  const name = /^[a-z_][a-z0-9_$]*$/.test(option.name) ? option.name : printOddName(option.name);
  return option.namespace === null ? name : `${printName(option.namespace)}.${name}`;
}

/** Dotted names were written as strings. */
function printOddName(name: string): string {
  return name.includes('.') || name.includes('-') ? printString(name) : printName(name);
}

/** ` WITH (a = 1, b)`, or nothing */
export function printWithOptions(options: readonly Option[]): string {
  return options.length === 0 ? '' : ` WITH (${printOptionList(options)})`;
}

/** `a = 1, b` */
export function printOptionList(options: readonly Option[]): string {
  return options
    .map((option) => {
      const value = option.value === null ? '' : ` = ${printOptionValue(option.value)}`;
      return printOptionName(option) + value;
    })
    .join(', ');
}

/** `a 1, b`, as in COPY and EXPLAIN */
export function printGenericOptions(options: readonly Option[]): string {
  return options
    .map((option) => join(printOptionName(option), option.value && printOptionValue(option.value)))
    .join(', ');
}

export function printOptionValue(value: OptionValue): string {
  switch (value.kind) {
    case 'word':
      return /^[a-z_][a-z0-9_$]*$/.test(value.text) ? value.text : printOperatorOrName(value.text);
    case 'string':
      return printString(value.text);
    case 'number':
      return value.text;
    case 'boolean':
      return value.value ? 'true' : 'false';
    case 'star':
      return '*';
    case 'list':
      return `(${value.items.map((item) => (/^[a-z_][a-z0-9_$]*$/.test(item) ? printName(item) : printString(item))).join(', ')})`;
    case 'type':
      return printType(value.type, () => '');
  }
}

function printOperatorOrName(text: string): string {
  return /^[-+*/<>=~!@#%^&|`?]+$/.test(text) ? text : printName(text);
}
