// SQL/JSON paths (the type jsonpath): a reader for PostgreSQL's grammar and the canonical text. The tree is what
// functions/scalar/json-path-evaluate.ts walks.
import { sqlError } from '../errors/sql-error.ts';
import type { Decimal } from './datum.ts';
import { formatDecimal, parseDecimal } from './decimal.ts';
import { quoteJson } from './json-value.ts';

export type PathBound = number | 'last';
export interface PathRange {
  readonly from: PathNode;
  readonly to: PathNode | null;
}
export type PathNode =
  | { readonly kind: 'root' | 'current' | 'last' }
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'literal'; readonly value: string | boolean | null | Decimal }
  | { readonly kind: 'member'; readonly of: PathNode; readonly key: string }
  | { readonly kind: 'any-member' | 'any-index'; readonly of: PathNode }
  | { readonly kind: 'index'; readonly of: PathNode; readonly ranges: readonly PathRange[] }
  | { readonly kind: 'deep'; readonly of: PathNode; readonly first: PathBound; readonly last: PathBound }
  | { readonly kind: 'method'; readonly of: PathNode; readonly name: string; readonly argument: string | null }
  | { readonly kind: 'filter'; readonly of: PathNode; readonly condition: PathNode }
  | { readonly kind: 'sign'; readonly operator: '+' | '-'; readonly arg: PathNode }
  | { readonly kind: 'arithmetic'; readonly operator: string; readonly left: PathNode; readonly right: PathNode }
  | { readonly kind: 'compare'; readonly operator: string; readonly left: PathNode; readonly right: PathNode }
  | { readonly kind: 'and' | 'or'; readonly left: PathNode; readonly right: PathNode }
  | { readonly kind: 'not' | 'is-unknown' | 'exists'; readonly arg: PathNode }
  | { readonly kind: 'starts-with'; readonly arg: PathNode; readonly prefix: PathNode }
  | { readonly kind: 'like-regex'; readonly arg: PathNode; readonly pattern: string; readonly flags: string };

export interface JsonPath {
  readonly strict: boolean;
  readonly root: PathNode;
}

type Token = { readonly kind: 'string' | 'number' | 'word' | 'variable' | 'symbol' | 'end'; readonly text: string };

const TOKEN =
  /\s*(?:(?<string>"(?:[^"\\]|\\[\s\S])*")|(?<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)|(?<variable>\$(?:"(?:[^"\\]|\\[\s\S])*"|[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*))|(?<word>[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)|(?<symbol>\*\*|&&|\|\||==|!=|<>|<=|>=|[$@.*?()[\]{},<>=!+\-/%]))/y;

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; ; ) {
    TOKEN.lastIndex = at;
    const found = TOKEN.exec(text);
    if (found === null) {
      const rest = text.slice(at).trimStart();
      if (rest !== '') throw near(rest[0]!);
      tokens.push({ kind: 'end', text: '' });
      return tokens;
    }
    const [kind, value] = Object.entries(found.groups!).find(([, part]) => part !== undefined)!;
    tokens.push({ kind: kind as Token['kind'], text: value! });
    at = TOKEN.lastIndex;
  }
}

const near = (token: string) => sqlError('syntax_error', `syntax error at or near "${token}" of jsonpath input`);

function unquote(text: string): string {
  const escaped = text.replace(/\\([\s\S])/g, (all, c: string) => (/["\\/bfnrtu]/.test(c) ? all : c));
  return JSON.parse(escaped) as string;
}

const METHODS = new Set(['type', 'size', 'double', 'ceiling', 'floor', 'abs', 'keyvalue', 'datetime']);
const COMPARISONS = new Set(['==', '=', '<>', '!=', '<', '>', '<=', '>=']);

class PathReader {
  private readonly tokens: readonly Token[];
  private at = 0;

  constructor(text: string) {
    this.tokens = tokenize(text);
  }

  path(): JsonPath {
    const strict = this.word('strict');
    if (!strict) this.word('lax');
    const root = this.disjunction();
    if (this.token.kind !== 'end') throw this.fail();
    return { strict, root };
  }

  private get token(): Token {
    return this.tokens[this.at]!;
  }
  private fail() {
    const { kind, text } = this.token;
    return kind === 'end' ? sqlError('syntax_error', 'syntax error at end of jsonpath input') : near(text);
  }
  private accept(symbol: string): boolean {
    if (this.token.kind !== 'symbol' || this.token.text !== symbol) return false;
    this.at++;
    return true;
  }
  private expect(symbol: string): void {
    if (!this.accept(symbol)) throw this.fail();
  }
  private word(text: string): boolean {
    if (this.token.kind !== 'word' || this.token.text !== text) return false;
    this.at++;
    return true;
  }
  private string(): string {
    if (this.token.kind !== 'string') throw this.fail();
    return unquote(this.tokens[this.at++]!.text);
  }

  private disjunction(): PathNode {
    let left = this.conjunction();
    while (this.accept('||')) left = { kind: 'or', left, right: this.conjunction() };
    return left;
  }
  private conjunction(): PathNode {
    let left = this.predicate();
    while (this.accept('&&')) left = { kind: 'and', left, right: this.predicate() };
    return left;
  }

  private predicate(): PathNode {
    if (this.accept('!')) return { kind: 'not', arg: this.predicate() };
    const left = this.sum();
    const operator = this.token.text;
    if (this.token.kind === 'symbol' && COMPARISONS.has(operator)) {
      this.at++;
      const plain = operator === '=' ? '==' : operator === '<>' ? '!=' : operator;
      return { kind: 'compare', operator: plain, left, right: this.sum() };
    }
    if (this.word('starts')) {
      if (!this.word('with')) throw this.fail();
      return { kind: 'starts-with', arg: left, prefix: this.primary() };
    }
    if (!this.word('like_regex')) return left;
    const pattern = this.string();
    return { kind: 'like-regex', arg: left, pattern, flags: this.word('flag') ? this.string() : '' };
  }

  private sum(): PathNode {
    let left = this.product();
    while (this.token.kind === 'symbol' && /^[+-]$/.test(this.token.text)) {
      const operator = this.tokens[this.at++]!.text;
      left = { kind: 'arithmetic', operator, left, right: this.product() };
    }
    return left;
  }
  private product(): PathNode {
    let left = this.signed();
    while (this.token.kind === 'symbol' && /^[*/%]$/.test(this.token.text)) {
      const operator = this.tokens[this.at++]!.text;
      left = { kind: 'arithmetic', operator, left, right: this.signed() };
    }
    return left;
  }
  private signed(): PathNode {
    for (const operator of ['+', '-'] as const) {
      if (!this.accept(operator)) continue;
      const arg = this.signed();
      if (arg.kind !== 'literal' || typeof arg.value !== 'object' || arg.value === null) {
        return { kind: 'sign', operator, arg };
      }
      const { value } = arg;
      return operator === '+' ? arg : { kind: 'literal', value: { ...value, coefficient: -value.coefficient } };
    }
    return this.accessors(this.primary());
  }

  private primary(): PathNode {
    const { kind, text } = this.token;
    if (kind === 'end') throw this.fail();
    this.at++;
    if (kind === 'string') return { kind: 'literal', value: unquote(text) };
    if (kind === 'number') return { kind: 'literal', value: parseDecimal(text) };
    if (kind === 'variable') {
      return { kind: 'variable', name: text[1] === '"' ? unquote(text.slice(1)) : text.slice(1) };
    }
    if (kind === 'symbol') {
      if (text === '$') return { kind: 'root' };
      if (text === '@') return { kind: 'current' };
      if (text === '(') return this.parenthesis();
    } else {
      if (text === 'true' || text === 'false') return { kind: 'literal', value: text === 'true' };
      if (text === 'null') return { kind: 'literal', value: null };
      if (text === 'last') return { kind: 'last' };
      if (text === 'exists' && this.accept('(')) {
        const arg = this.sum();
        this.expect(')');
        return { kind: 'exists', arg };
      }
    }
    if (this.token.kind === 'end') throw this.fail();
    this.at--;
    throw this.fail();
  }

  private parenthesis(): PathNode {
    const inner = this.disjunction();
    this.expect(')');
    if (!this.word('is')) return inner;
    if (!this.word('unknown')) throw this.fail();
    return { kind: 'is-unknown', arg: inner };
  }

  private accessors(start: PathNode): PathNode {
    let of = start;
    for (;;) {
      if (this.accept('.')) of = this.dotted(of);
      else if (this.accept('[')) of = this.subscript(of);
      else if (this.accept('?')) {
        this.expect('(');
        of = { kind: 'filter', of, condition: this.disjunction() };
        this.expect(')');
      } else return of;
    }
  }

  private dotted(of: PathNode): PathNode {
    if (this.accept('**')) return this.deep(of);
    if (this.accept('*')) return { kind: 'any-member', of };
    const { kind, text } = this.token;
    if (kind === 'string') return { kind: 'member', of, key: this.string() };
    if (kind === 'variable') {
      this.at++;
      return { kind: 'member', of, key: text };
    }
    if (kind !== 'word') throw this.fail();
    this.at++;
    if (!METHODS.has(text) || !this.accept('(')) return { kind: 'member', of, key: text };
    const argument = text === 'datetime' && this.token.kind === 'string' ? this.string() : null;
    this.expect(')');
    return { kind: 'method', of, name: text, argument };
  }

  private deep(of: PathNode): PathNode {
    if (!this.accept('{')) return { kind: 'deep', of, first: 0, last: 'last' };
    const first = this.level();
    const last = this.word('to') ? this.level() : first;
    this.expect('}');
    return { kind: 'deep', of, first, last };
  }
  private level(): PathBound {
    if (this.word('last')) return 'last';
    if (this.token.kind !== 'number') throw this.fail();
    return Number(this.tokens[this.at++]!.text);
  }

  private subscript(of: PathNode): PathNode {
    if (this.accept('*')) {
      this.expect(']');
      return { kind: 'any-index', of };
    }
    const ranges: PathRange[] = [];
    do {
      const from = this.sum();
      ranges.push({ from, to: this.word('to') ? this.sum() : null });
    } while (this.accept(','));
    this.expect(']');
    return { kind: 'index', of, ranges };
  }
}

const KNOWN = new Map<string, JsonPath>();

/** Reads a path; recent ones are remembered. Throws 42601 and 22P02. */
export function jsonPath(text: string): JsonPath {
  let known = KNOWN.get(text);
  if (known === undefined) {
    if (text.trim() === '') {
      throw sqlError('invalid_text_representation', `invalid input syntax for type jsonpath: "${text}"`);
    }
    known = new PathReader(text).path();
    if (KNOWN.size > 500) KNOWN.clear();
    KNOWN.set(text, known);
  }
  return known;
}

const LEVELS: Readonly<Record<string, number>> = { or: 0, and: 1, compare: 2, 'starts-with': 2, 'like-regex': 2 };

/** How tightly a node binds; nodes of lower levels inside it stand in parentheses. */
function levelOf(node: PathNode): number {
  if (node.kind === 'arithmetic') return /[+-]/.test(node.operator) ? 3 : 4;
  return node.kind === 'sign' ? 5 : (LEVELS[node.kind] ?? 6);
}

function print(node: PathNode, outer = 0): string {
  const text = printBare(node);
  return levelOf(node) < outer ? `(${text})` : text;
}

const bounds = (first: PathBound, last: PathBound) => (first === last ? `${first}` : `${first} to ${last}`);

function printBare(node: PathNode): string {
  const level = levelOf(node);
  switch (node.kind) {
    case 'root':
      return '$';
    case 'current':
      return '@';
    case 'last':
      return 'last';
    case 'variable':
      return `$${quoteJson(node.name)}`;
    case 'literal':
      if (typeof node.value === 'string') return quoteJson(node.value);
      return typeof node.value === 'object' && node.value !== null ? formatDecimal(node.value) : String(node.value);
    case 'member':
      return `${print(node.of, 6)}.${quoteJson(node.key)}`;
    case 'any-member':
      return `${print(node.of, 6)}.*`;
    case 'any-index':
      return `${print(node.of, 6)}[*]`;
    case 'index': {
      const ranges = node.ranges.map(({ from, to }) => (to === null ? print(from) : `${print(from)} to ${print(to)}`));
      return `${print(node.of, 6)}[${ranges.join(',')}]`;
    }
    case 'deep':
      if (node.first === 0 && node.last === 'last') return `${print(node.of, 6)}.**`;
      return `${print(node.of, 6)}.**{${bounds(node.first, node.last)}}`;
    case 'method':
      return `${print(node.of, 6)}.${node.name}(${node.argument === null ? '' : quoteJson(node.argument)})`;
    case 'filter':
      return `${print(node.of, 6)}?(${print(node.condition)})`;
    case 'sign':
      return `${node.operator}${print(node.arg, level)}`;
    case 'arithmetic':
    case 'compare':
      return `${print(node.left, level)} ${node.operator} ${print(node.right, level + 1)}`;
    case 'and':
      return `${print(node.left, level)} && ${print(node.right, level + 1)}`;
    case 'or':
      return `${print(node.left, level)} || ${print(node.right, level + 1)}`;
    case 'not':
      return `!(${print(node.arg)})`;
    case 'is-unknown':
      return `(${print(node.arg)}) is unknown`;
    case 'exists':
      return `exists (${print(node.arg)})`;
    case 'starts-with':
      return `${print(node.arg, level)} starts with ${print(node.prefix, level)}`;
    case 'like-regex': {
      const flags = node.flags === '' ? '' : ` flag ${quoteJson(node.flags)}`;
      return `${print(node.arg, level)} like_regex ${quoteJson(node.pattern)}${flags}`;
    }
  }
}

/** The canonical text: keys quoted, expressions in parentheses. */
export function formatJsonPath({ strict, root }: JsonPath): string {
  const text = levelOf(root) < 6 ? `(${print(root)})` : print(root);
  return strict ? `strict ${text}` : text;
}
