// TokenFollower: what keeps the package honest. Its tree is written out again, word for word, in lockstep with the tokens of the
// text: every word the tree claims must be the next token, and no token may be left. So a tree that dropped something (`a[1]`),
// invented or reordered it is found out, parentheses that it lost or moved included, and every token keeps its position.
// Where our grammar wants another order (LIMIT 3, 4) the writer captures, skips and inserts, explicitly.
import { KEYWORDS } from '../../functions/keywords.ts';
import { tokenize } from '../lexer/lexer.ts';
import type { Token, TokenType } from '../lexer/token.ts';
import { liftedIndex } from './lift-literals.ts';

/** The package's tree is not a faithful reading of the text, or has a node we do not know (`node` names it). */
export class NotUnderstood extends Error {
  readonly node: string | null;
  readonly position: number;

  constructor(message: string, position: number, node: string | null = null) {
    super(message);
    this.node = node;
    this.position = position;
  }
}

export class TokenFollower {
  private readonly source: readonly Token[];
  private at = 0;
  private output: Token[] = [];

  constructor(source: readonly Token[]) {
    this.source = source;
  }

  get next(): Token {
    return this.source[this.at] ?? this.source[this.source.length - 1]!;
  }

  /** Whether the text goes on with this word. */
  sees(word: string): boolean {
    return this.next.word === word;
  }

  /** These words come next and are written. */
  words(text: string): void {
    for (const word of text.split(' ')) {
      if (!this.accept(word)) throw this.mismatch(word);
    }
  }

  /** Words that the tree does not tell (AS, OUTER, ASC): written if they are there. */
  accept(word: string): boolean {
    if (this.next.word !== word) return false;
    this.output.push(this.next);
    this.at++;
    return true;
  }

  /** A piece of text from the tree (a name, an operator, a type): each of its tokens comes next. */
  text(text: string): void {
    for (const token of tokenize(text)) {
      if (token.type === 'end') return;
      if (token.type === 'error') throw this.mismatch(text);
      this.piece(token.word === '' ? token.value : token.word, token.type === 'string');
    }
  }

  /** A string's content or a name as one piece, blanks included. */
  piece(value: string, isString = false): void {
    const { next } = this;
    const index = liftedIndex(value);
    const same = index >= 0 ? index === this.at : !isString && next.word !== '' && next.word === value.toLowerCase();
    if (!same) throw this.mismatch(value);
    this.output.push(next);
    this.at++;
  }

  /** The next token, whatever it is. */
  copy(): Token {
    const { next } = this;
    if (next.type === 'end') throw this.mismatch('more');
    this.output.push(next);
    this.at++;
    return next;
  }

  /** The text's word is not written. */
  skip(word: string): void {
    if (this.next.word !== word) throw this.mismatch(word);
    this.at++;
  }

  /** Words of ours that the text does not have, at the present position. */
  insert(...words: readonly string[]): void {
    const { next } = this;
    for (const word of words) {
      const keyword = KEYWORDS.get(word) ?? null;
      const type: TokenType = keyword !== null ? 'keyword' : /^\w/.test(word) ? 'identifier' : 'punctuation';
      this.output.push({ ...next, type, word, value: word, keyword, error: null });
    }
  }

  /** What `write` writes, instead of writing it. */
  capture(write: () => void): readonly Token[] {
    const saved = this.output;
    this.output = [];
    try {
      write();
      return this.output;
    } finally {
      this.output = saved;
    }
  }

  replay(tokens: readonly Token[]): void {
    this.output.push(...tokens);
  }

  /** All tokens written, if the text is at its end. */
  finish(): Token[] {
    while (this.sees(';')) this.copy();
    if (this.next.type !== 'end') throw this.mismatch('the end');
    return [...this.output, this.next];
  }

  unknown(node: string): NotUnderstood {
    return new NotUnderstood(`no rule for "${node}"`, this.next.position, node);
  }

  mismatch(expected: string): NotUnderstood {
    return new NotUnderstood(`the tree says "${expected}"`, this.next.position);
  }
}
