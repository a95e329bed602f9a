// Expressions of the package's trees as tokens, in the order of the text. Operators are written as they stand: our parser
// associates them again by our own precedence table, so the package's grouping, often wrong, has no say; only parentheses count.
// Spellings stay the dialect's own: rewrite-tokens.ts and rewrite-call.ts turn them into ours on either road.
import { isTree, nameOf, type Tree, treesOf } from './package-tree.ts';
import type { TokenFollower } from './token-follower.ts';

export interface Writer {
  readonly follower: TokenFollower;
  query(tree: Tree): void;
}

export function writeExpression(w: Writer, value: unknown): void {
  const f = w.follower;
  if (!isTree(value)) throw f.unknown(JSON.stringify(value) ?? 'nothing');
  const tree = value;
  if (isTree(tree.ast)) return writeSubquery(w, tree.ast);
  if (tree.parentheses === true && tree.type !== 'window') f.words('(');
  writeNode(w, tree);
  if (tree.parentheses === true && tree.type !== 'window') f.words(')');
}

/** A query where an expression may stand: always in parentheses, whoever of the two nodes has the mark. */
export function writeSubquery(w: Writer, ast: Tree): void {
  const f = w.follower;
  const wrapped = f.accept('(');
  w.query(ast);
  if (wrapped) f.words(')');
}

function writeNode(w: Writer, tree: Tree): void {
  const f = w.follower;
  switch (tree.type) {
    case 'column_ref':
      return writeColumn(f, tree);
    case 'number':
    case 'origin':
    case 'param':
    case 'bool':
    case 'default':
      return writeWord(f, tree.value);
    case 'null':
      return f.words('null');
    case 'star':
      return f.words('*');
    case 'single_quote_string':
    case 'string':
    case 'double_quote_string':
      return f.piece(String(tree.value), true);
    case 'binary_expr':
      return writeBinary(w, tree);
    case 'unary_expr':
      f.text(String(tree.operator));
      return writeExpression(w, tree.expr);
    case 'expr_list':
      return writeList(w, tree.value);
    case 'expr':
      return writeExpression(w, tree.expr);
    case 'select':
      return writeSubquery(w, tree);
    case 'case':
      return writeCase(w, tree);
    case 'cast':
      return writeCast(w, tree);
    case 'interval':
      return writeInterval(w, tree);
    case 'extract':
      return writeExtract(w, tree);
    case 'date':
    case 'time':
    case 'timestamp':
    case 'datetime':
      f.text(String(tree.type));
      return f.piece(String(tree.value), true);
    case 'function':
    case 'aggr_func':
    case 'window_func':
      return writeCall(w, tree);
    default:
      throw f.unknown(String(tree.type));
  }
}

/** A negative number is a minus and a number. */
function writeWord(f: TokenFollower, value: unknown): void {
  if (typeof value !== 'number' && typeof value !== 'string' && typeof value !== 'boolean') throw f.unknown('literal');
  if (typeof value === 'number' && !Number.isSafeInteger(value)) throw f.unknown('number');
  f.text(String(value));
}

function writeColumn(f: TokenFollower, tree: Tree): void {
  const parts = [tree.db, tree.schema, tree.table, tree.column].map(nameOf).filter((part) => part !== null);
  for (const [i, part] of parts.entries()) {
    if (i > 0) f.words('.');
    f.text(part);
  }
}

function writeBinary(w: Writer, tree: Tree): void {
  const f = w.follower;
  const operator = String(tree.operator);
  writeExpression(w, tree.left);
  f.text(operator);
  const right = tree.right;
  if (/between$/i.test(operator) && isTree(right)) {
    const [low, high] = treesOf(right.value);
    writeExpression(w, low);
    f.words('and');
    writeExpression(w, high);
  } else if (/^(not )?in$/i.test(operator) && isTree(right) && right.type === 'expr_list') {
    f.words('(');
    writeList(w, right.value);
    f.words(')');
  } else {
    writeExpression(w, right);
  }
  const mark = tree.escape ?? (isTree(right) ? right.escape : null);
  if (isTree(mark)) {
    f.words('escape');
    writeExpression(w, mark.value);
  }
}

export function writeList(w: Writer, value: unknown): void {
  for (const [i, item] of treesOf(value).entries()) {
    if (i > 0) w.follower.words(',');
    writeExpression(w, item);
  }
}

function writeCase(w: Writer, tree: Tree): void {
  const f = w.follower;
  f.words('case');
  if (isTree(tree.expr)) writeExpression(w, tree.expr);
  for (const branch of treesOf(tree.args)) {
    if (branch.type === 'when') {
      f.words('when');
      writeExpression(w, branch.cond);
      f.words('then');
    } else {
      f.words('else');
    }
    writeExpression(w, branch.result);
  }
  f.words('end');
}

/** CAST(e AS t), TRY_CAST, SAFE_CAST, e::t::u */
function writeCast(w: Writer, tree: Tree): void {
  const f = w.follower;
  if (tree.symbol === '::') {
    writeExpression(w, tree.expr);
    for (const _ of treesOf(tree.target)) {
      f.words('::');
      writeType(f);
    }
    return;
  }
  f.text(String(tree.keyword));
  f.words('(');
  writeExpression(w, tree.expr);
  f.words('as');
  writeType(f);
  f.words(')');
}

/** A type as the text has it: the package's forms of types are many, and nothing but a type can stand here. */
function writeType(f: TokenFollower): void {
  f.copy();
  while (f.accept('precision') || f.accept('varying')) {}
  writeBracketed(f, '(', ')');
  writeBracketed(f, '<', '>');
  for (const zone of ['with', 'without']) {
    if (f.sees(zone)) f.words(`${zone} time zone`);
  }
  while (f.sees('[')) writeBracketed(f, '[', ']');
}

function writeBracketed(f: TokenFollower, open: string, close: string): void {
  if (!f.accept(open)) return;
  for (let depth = 1; depth > 0; ) {
    const { word } = f.copy();
    if (word === open) depth++;
    else if (word === close) depth--;
  }
}

function writeInterval(w: Writer, tree: Tree): void {
  const f = w.follower;
  f.words('interval');
  writeExpression(w, tree.expr);
  if (typeof tree.unit === 'string' && tree.unit !== '') f.text(tree.unit);
}

/** EXTRACT(field FROM e) */
function writeExtract(w: Writer, tree: Tree): void {
  const f = w.follower;
  const args = isTree(tree.args) ? tree.args : tree;
  f.words('extract (');
  const field = nameOf(args.field);
  if (field === null) throw f.unknown('extract');
  f.text(field);
  f.words('from');
  if (typeof args.cast_type === 'string') f.text(args.cast_type);
  writeExpression(w, args.source);
  f.words(')');
}

function writeCall(w: Writer, tree: Tree): void {
  const f = w.follower;
  if (f.sees('convert')) return writeConvert(w, tree);
  writeFunctionName(f, tree.name);
  f.words('(');
  if (isTree(tree.args)) writeArguments(w, tree.args);
  f.words(')');
  for (const tail of ['within_group_orderby', 'within_group']) {
    if (tree[tail] === null || tree[tail] === undefined) continue;
    f.words('within group (');
    writeOrderBy(w, isTree(tree[tail]) && Array.isArray(tree[tail].orderby) ? tree[tail].orderby : tree[tail]);
    f.words(')');
  }
  if (isTree(tree.filter)) {
    f.words('filter ( where');
    writeExpression(w, tree.filter.where);
    f.words(')');
  }
  if (isTree(tree.over)) writeOver(w, tree.over);
}

function writeFunctionName(f: TokenFollower, name: unknown): void {
  if (typeof name === 'string') return f.text(name);
  if (!isTree(name)) throw f.unknown('function name');
  const parts = [name.schema, ...treesOf(name.name)].map(nameOf).filter((part) => part !== null);
  for (const [i, part] of parts.entries()) {
    if (i > 0) f.words('.');
    f.text(part);
  }
}

/** Arguments of a function (a list) or of an aggregate (DISTINCT, ORDER BY, SEPARATOR). */
function writeArguments(w: Writer, args: Tree): void {
  const f = w.follower;
  if (args.type === 'expr_list') return writeList(w, args.value);
  if (!f.accept('all')) f.accept('distinct');
  writeExpression(w, args.expr);
  // in another order here: the separator is an argument and comes before ORDER BY
  const order = f.capture(() => {
    if (Array.isArray(args.orderby)) writeOrderBy(w, args.orderby);
  });
  const separator = args.separator;
  if (isTree(separator)) {
    f.insert(',');
    f.skip('separator');
    writeExpression(w, separator.value);
  }
  f.replay(order);
}

/** CONVERT(type, e [, style]) is a cast. */
function writeConvert(w: Writer, tree: Tree): void {
  const f = w.follower;
  const args = isTree(tree.args) ? treesOf(tree.args.value) : [];
  f.skip('convert');
  if (args.length !== 2) throw f.unknown('CONVERT with a style');
  f.insert('cast');
  f.words('(');
  const type = f.capture(() => writeType(f));
  f.skip(',');
  writeExpression(w, args[1]);
  f.insert('as');
  f.replay(type);
  f.words(')');
}

export function writeOrderBy(w: Writer, keys: unknown): void {
  const f = w.follower;
  f.words('order by');
  for (const [i, key] of treesOf(keys).entries()) {
    if (i > 0) f.words(',');
    writeExpression(w, key.expr);
    if (!f.accept('asc')) f.accept('desc');
    if (f.accept('nulls') && !f.accept('first')) f.words('last');
  }
}

function writeOver(w: Writer, over: Tree): void {
  const f = w.follower;
  f.words('over');
  const specification = over.as_window_specification;
  if (typeof specification === 'string') return f.text(specification);
  if (!isTree(specification)) throw f.unknown('OVER');
  writeWindow(w, specification);
}

/** ( [name] PARTITION BY .. ORDER BY .. frame ) */
export function writeWindow(w: Writer, specification: Tree): void {
  const f = w.follower;
  const window = specification.window_specification;
  f.words('(');
  if (isTree(window)) {
    const name = nameOf(window.name);
    if (name !== null) f.text(name);
    const partition = treesOf(window.partitionby);
    if (partition.length > 0) {
      f.words('partition by');
      writeList(
        w,
        partition.map((key) => (isTree(key.expr) ? key.expr : key)),
      );
    }
    if (treesOf(window.orderby).length > 0) writeOrderBy(w, window.orderby);
    const frame = window.window_frame_clause;
    // the frame's words are not an expression, and nothing else can stand between it and the parenthesis
    if (frame !== null && frame !== undefined) while (!f.sees(')')) f.copy();
  }
  f.words(')');
}
