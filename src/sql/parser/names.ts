// Names: which keywords may stand where, as PostgreSQL's categories say.
import type { QualifiedName } from '../ast-definition.ts';
import type { Token } from '../lexer/token.ts';
import type { Cursor } from './cursor.ts';

/** ColId: a column, table or alias name. */
export function isColId(token: Token): boolean {
  if (token.type === 'identifier') return true;
  const category = token.keyword?.category;
  return category === 'unreserved' || category === 'column_name';
}

/** type_function_name: a function's or a type's name. */
export function isTypeFunctionName(token: Token): boolean {
  if (token.type === 'identifier') return true;
  const category = token.keyword?.category;
  return category === 'unreserved' || category === 'type_function_name';
}

/** NonReservedWord */
export function isNonReserved(token: Token): boolean {
  return token.type === 'identifier' || (token.keyword !== null && token.keyword.category !== 'reserved');
}

/** ColLabel: any word. */
export function isColLabel(token: Token): boolean {
  return token.type === 'identifier' || token.type === 'keyword';
}

/** BareColLabel: a label without AS. */
export function isBareLabel(token: Token): boolean {
  return token.type === 'identifier' || token.keyword?.bareLabel === true;
}

export function parseColId(c: Cursor): string {
  if (!isColId(c.token)) throw c.fail();
  return c.advance().value;
}

export function parseColLabel(c: Cursor): string {
  if (!isColLabel(c.token)) throw c.fail();
  return c.advance().value;
}

export function parseNonReserved(c: Cursor): string {
  if (!isNonReserved(c.token)) throw c.fail();
  return c.advance().value;
}

/** NonReservedWord_or_Sconst */
export function parseWordOrString(c: Cursor): string {
  return c.token.type === 'string' ? c.advance().value : parseNonReserved(c);
}

/** any_name / qualified_name: ColId, then .ColLabel */
export function parseQualifiedName(c: Cursor): QualifiedName {
  const { position } = c.token;
  const parts = [parseColId(c)];
  while (c.accept('.')) parts.push(parseColLabel(c));
  return { parts, position };
}

export function parseNameParts(c: Cursor): readonly string[] {
  return parseQualifiedName(c).parts;
}

/** func_name: a type_function_name alone, or a ColId with a schema behind. */
export function parseFunctionName(c: Cursor): QualifiedName {
  const { position, keyword } = c.token;
  if (!isColLabel(c.token) || keyword?.category === 'reserved') throw c.fail();
  const first = c.token;
  const parts = [c.advance().value];
  if (!c.at('.') && !isTypeFunctionName(first)) throw c.fail();
  if (c.at('.') && !isColId(first)) throw c.fail();
  while (c.accept('.')) parts.push(parseColLabel(c));
  return { parts, position };
}

/** RoleSpec: a name, PUBLIC, CURRENT_USER, .. as words. */
export function parseRole(c: Cursor): string {
  const { word } = c.token;
  if (word === 'current_user' || word === 'session_user' || word === 'current_role') return c.advance().word;
  return parseNonReserved(c);
}

/** `(a, b)` or nothing: []. */
export function parseOptionalColumns(c: Cursor): readonly string[] {
  return c.at('(') ? c.parenthesized(parseColId) : [];
}

/** IF NOT EXISTS */
export function acceptIfNotExists(c: Cursor): boolean {
  if (!c.acceptWords('if', 'not')) return false;
  c.expect('exists');
  return true;
}

/** IF EXISTS */
export function acceptIfExists(c: Cursor): boolean {
  return c.acceptWords('if', 'exists');
}

/** CASCADE or RESTRICT or nothing: whether it cascades. */
export function acceptCascade(c: Cursor): boolean {
  if (c.accept('cascade')) return true;
  c.accept('restrict');
  return false;
}
