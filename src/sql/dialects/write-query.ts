// Queries of the package's trees as tokens in the order of the text; what our grammar says differently (LIMIT 3, 4; TOP 5;
// CROSS APPLY) is turned here, everything else is written as it stands.

import type { Token } from '../lexer/token.ts';
import { isTree, nameOf, type Tree, treesOf } from './package-tree.ts';
import { TokenFollower } from './token-follower.ts';
import {
  type Writer,
  writeExpression,
  writeList,
  writeOrderBy,
  writeSubquery,
  writeWindow,
} from './write-expression.ts';

/** The trees of a text's statements as tokens of our parser. Throws NotUnderstood. */
export function writeTrees(source: readonly Token[], trees: readonly unknown[]): Token[] {
  const follower = new TokenFollower(source);
  const writer: Writer = { follower, query: (tree) => writeQuery(writer, tree) };
  for (const tree of trees) {
    if (!isTree(tree)) throw follower.unknown('statement');
    while (follower.accept(';')) {}
    writeQuery(writer, isTree(tree.ast) ? tree.ast : tree);
  }
  return follower.finish();
}

/** A query with its set operations; the mark of its parentheses has two names. */
function writeQuery(w: Writer, tree: Tree): void {
  const f = w.follower;
  const wrapped = tree.parentheses_symbol === true || tree._parentheses === true || tree.parentheses === true;
  // a caller may have written the parenthesis already
  const open = wrapped && f.accept('(');
  if (tree.type === 'select') writeSelect(w, tree);
  else if (tree.type === 'values') writeValues(w, tree);
  else throw f.unknown(String(tree.type ?? 'query'));
  if (open) f.words(')');
  const following = tree._next;
  if (isTree(following)) {
    f.text(String(tree.set_op));
    writeQuery(w, following);
  }
  if (treesOf(tree._orderby).length > 0) writeOrderBy(w, tree._orderby);
  writeLimit(w, tree._limit);
}

function writeValues(w: Writer, tree: Tree): void {
  w.follower.words('values');
  for (const [i, row] of treesOf(tree.values).entries()) {
    if (i > 0) w.follower.words(',');
    w.follower.words('(');
    writeList(w, row.value);
    w.follower.words(')');
  }
}

function writeSelect(w: Writer, tree: Tree): void {
  const f = w.follower;
  writeWith(w, tree.with);
  f.words('select');
  if (!f.accept('distinct')) f.accept('all');
  const top = skipTop(f, tree.top);
  writeTargets(w, tree.columns);
  if (treesOf(tree.from).length > 0) {
    f.words('from');
    writeFrom(w, treesOf(tree.from));
  }
  writeClause(w, 'where', tree.where);
  writeGroupBy(w, tree.groupby);
  writeClause(w, 'having', tree.having);
  const windows = tree.window;
  if (isTree(windows)) writeWindows(w, treesOf(windows.expr));
  writeClause(w, 'qualify', tree.qualify);
  if (treesOf(tree.orderby).length > 0) writeOrderBy(w, tree.orderby);
  writeLimit(w, tree.limit);
  if (top !== null) {
    f.insert('limit');
    f.replay(top);
  }
}

function writeWith(w: Writer, value: unknown): void {
  const f = w.follower;
  const ctes = treesOf(value);
  if (ctes.length === 0) return;
  f.words('with');
  f.accept('recursive');
  for (const [i, cte] of ctes.entries()) {
    if (i > 0) f.words(',');
    const name = nameOf(cte.name);
    const statement = isTree(cte.stmt) ? cte.stmt : null;
    if (name === null || statement === null) throw f.unknown('WITH');
    f.text(name);
    const columns = treesOf(cte.columns);
    if (columns.length > 0) {
      f.words('(');
      writeList(w, columns);
      f.words(')');
    }
    f.words('as (');
    writeQuery(w, isTree(statement.ast) ? statement.ast : statement);
    f.words(')');
  }
}

/** TOP n: the number, for LIMIT. */
function skipTop(f: TokenFollower, top: unknown): readonly Token[] | null {
  if (!isTree(top)) return null;
  if (nameOf(top.percent) !== null) throw f.unknown('TOP .. PERCENT');
  f.skip('top');
  const wrapped = f.sees('(');
  if (wrapped) f.skip('(');
  const count = f.capture(() => f.text(String(top.value)));
  if (wrapped) f.skip(')');
  return count;
}

function writeTargets(w: Writer, columns: unknown): void {
  const f = w.follower;
  if (columns === '*') return f.words('*');
  for (const [i, target] of treesOf(columns).entries()) {
    if (i > 0) f.words(',');
    writeExpression(w, target.expr);
    writeAlias(f, target.as);
  }
}

function writeAlias(f: TokenFollower, alias: unknown): void {
  if (alias === null || alias === undefined || alias === '') return;
  f.accept('as');
  const name = nameOf(alias);
  if (name === null) throw f.unknown('alias');
  f.text(name);
}

function writeFrom(w: Writer, items: readonly Tree[]): void {
  const f = w.follower;
  for (const [i, item] of items.entries()) {
    const join = item.join;
    const lateral = typeof join === 'string' ? writeJoin(f, join) : false;
    if (i > 0 && typeof join !== 'string') f.words(',');
    writeFromItem(w, item);
    if (lateral) f.insert('on', 'true');
    if (isTree(item.on)) {
      f.words('on');
      writeExpression(w, item.on);
    }
    if (item.using !== null && item.using !== undefined) {
      f.words('using (');
      for (const [at, column] of [item.using].flat().entries()) {
        if (at > 0) f.words(',');
        f.text(nameOf(column) ?? '');
      }
      f.words(')');
    }
  }
}

/** CROSS APPLY is CROSS JOIN LATERAL, OUTER APPLY is LEFT JOIN LATERAL .. ON true (then true is returned). */
function writeJoin(f: TokenFollower, join: string): boolean {
  const apply = /^(cross|outer) apply$/i.exec(join);
  if (apply === null) {
    for (const word of join.toLowerCase().split(' ')) {
      if (word === 'outer' || word === 'inner') f.accept(word);
      else {
        // LEFT OUTER JOIN comes as LEFT JOIN
        if (word === 'join') f.accept('outer');
        f.words(word);
      }
    }
    return false;
  }
  const outer = apply[1]!.toLowerCase() === 'outer';
  f.skip(outer ? 'outer' : 'cross');
  f.skip('apply');
  f.insert(outer ? 'left' : 'cross', 'join', 'lateral');
  return outer;
}

function writeFromItem(w: Writer, item: Tree): void {
  const f = w.follower;
  f.accept('lateral');
  const expression = item.expr;
  if (item.type === 'unnest') {
    f.words('unnest (');
    writeExpression(w, expression);
    f.words(')');
  } else if (isTree(expression)) {
    if (isTree(expression.ast)) writeSubquery(w, expression.ast);
    else writeExpression(w, expression);
  } else {
    // BigQuery's grammar gives the catalog twice
    const database = item.catalog === item.db ? null : item.db;
    const parts = [item.server, item.catalog, database, item.schema, item.table].map(nameOf);
    const names = parts.filter((part) => part !== null);
    if (names.length === 0) throw f.unknown(String(item.type ?? 'FROM'));
    for (const [i, part] of names.entries()) {
      if (i > 0) f.words('.');
      f.text(part);
    }
  }
  writeAlias(f, item.as);
}

function writeClause(w: Writer, word: string, condition: unknown): void {
  if (!isTree(condition)) return;
  w.follower.words(word);
  writeExpression(w, condition);
}

function writeGroupBy(w: Writer, groupBy: unknown): void {
  const columns = isTree(groupBy) && 'columns' in groupBy ? groupBy.columns : groupBy;
  if (treesOf(columns).length === 0) return;
  w.follower.words('group by');
  writeList(w, columns);
}

function writeWindows(w: Writer, windows: readonly Tree[]): void {
  const f = w.follower;
  f.words('window');
  for (const [i, window] of windows.entries()) {
    if (i > 0) f.words(',');
    f.text(nameOf(window.name) ?? '');
    f.words('as');
    const specification = window.as_window_specification;
    if (!isTree(specification)) throw f.unknown('WINDOW');
    writeWindow(w, specification);
  }
}

/** LIMIT n [OFFSET m], LIMIT m, n, OFFSET .. FETCH .. */
function writeLimit(w: Writer, value: unknown): void {
  const f = w.follower;
  if (!isTree(value)) return;
  const values = treesOf(value.value);
  if (value.seperator === ',' && values.length === 2) {
    f.words('limit');
    const offset = f.capture(() => writeExpression(w, values[0]));
    f.skip(',');
    writeExpression(w, values[1]);
    f.insert('offset');
    f.replay(offset);
  } else if (f.sees('offset') || f.sees('fetch')) {
    // OFFSET n ROWS FETCH NEXT m ROWS ONLY has no place for anything else; finish() would find what is not ours
    while (!f.sees(')') && !f.sees(';') && f.next.type !== 'end') f.copy();
  } else if (f.accept('limit')) {
    if (values.length > 0) writeExpression(w, values[0]);
    if (values.length > 1) {
      f.words('offset');
      writeExpression(w, values[1]);
    }
  }
}
