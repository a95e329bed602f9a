import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { tokenize, truncateIdentifier } from './lexer.ts';

/** Tokens as 'type:value', the end left out; an error as its message. */
function lex(text: string): string[] {
  return tokenize(text)
    .filter((token) => token.type !== 'end')
    .map((token) => (token.error === null ? `${token.type}:${token.value}` : `error:${token.error.message}`));
}

describe('the lexer', () => {
  it('lower-cases words and keeps quoted identifiers', () => {
    assert.deepEqual(lex('SELECT Foo "Foo""x" _a$1 É'), [
      'keyword:select',
      'identifier:foo',
      'identifier:Foo"x',
      'identifier:_a$1',
      'identifier:É',
    ]);
    assert.equal(tokenize('"select"')[0]!.word, '');
    assert.equal(tokenize('watermark')[0]!.word, 'watermark');
  });

  it('cuts identifiers to 63 bytes at a character', () => {
    assert.equal(truncateIdentifier('a'.repeat(70)), 'a'.repeat(63));
    assert.equal(truncateIdentifier(`${'a'.repeat(62)}é`), 'a'.repeat(62));
    assert.equal(lex('x'.repeat(64))[0], `identifier:${'x'.repeat(63)}`);
  });

  it('reads numbers exactly', () => {
    assert.deepEqual(lex('42 007 1_000 0x1F 0o17 0b101 1.50 .5 5. 1e10 1.5E-3 12345678901234567890123'), [
      'integer:42',
      'integer:7',
      'integer:1000',
      'integer:31',
      'integer:15',
      'integer:5',
      'decimal:1.50',
      'decimal:.5',
      'decimal:5.',
      'decimal:1e10',
      'decimal:1.5E-3',
      'integer:12345678901234567890123',
    ]);
    assert.deepEqual(lex('1..2'), ['integer:1', 'punctuation:..', 'integer:2']);
    assert.deepEqual(lex('1abc'), ['error:trailing junk after numeric literal at or near "1abc"']);
  });

  it('reads every form of string', () => {
    assert.deepEqual(
      lex(`'it''s' E'\\t\\x41\\101\\u00e9\\U0001F600\\'' U&'d\\0061t' U&'d!0061' UESCAPE '!' $$a'b$$ $x$a$$b$x$`),
      ["string:it's", "string:\tAAé😀'", 'string:dat', 'string:da', "string:a'b", 'string:a$$b'],
    );
    assert.deepEqual(lex("'a\\b'"), ['string:a\\b']);
    assert.deepEqual(lex("E'\\303\\251' E'\\ud83d\\ude00'"), ['string:é', 'string:😀']);
    assert.deepEqual(lex("B'101' x'1F' N'a'"), ['bit_string:b101', 'bit_string:x1F', 'keyword:nchar', 'string:a']);
  });

  it('joins literals over a newline only', () => {
    assert.deepEqual(lex("'a'\n  'b' -- c\n 'c'"), ['string:abc']);
    assert.deepEqual(lex("'a' 'b'"), ['string:a', 'string:b']);
  });

  it('refuses bytes that are no UTF-8 and bad escapes', () => {
    assert.deepEqual(lex("E'\\377'"), ['error:invalid byte sequence for encoding "UTF8": 0xff']);
    assert.deepEqual(lex("E'\\0'"), ['error:invalid byte sequence for encoding "UTF8": 0x00']);
    assert.deepEqual(lex("E'\\u12'"), ['error:invalid Unicode escape']);
  });

  it('splits operators as PostgreSQL does', () => {
    assert.deepEqual(lex('a<-1'), ['identifier:a', 'punctuation:<', 'punctuation:-', 'integer:1']);
    assert.deepEqual(lex('@-1 ->> <= != => := ::'), [
      'operator:@-',
      'integer:1',
      'operator:->>',
      'operator:<=',
      'operator:<>',
      'operator:=>',
      'punctuation::=',
      'punctuation:::',
    ]);
    assert.deepEqual(lex('1+--x\n2'), ['integer:1', 'punctuation:+', 'integer:2']);
    assert.deepEqual(lex('1*/* c */2'), ['integer:1', 'punctuation:*', 'integer:2']);
  });

  it('nests comments', () => {
    assert.deepEqual(lex('a /* b /* c */ d */ e'), ['identifier:a', 'identifier:e']);
    assert.deepEqual(lex('a /* b /* c */'), [
      'identifier:a',
      'error:unterminated /* comment at or near "/* b /* c */"',
    ]);
  });

  it('counts positions in code points', () => {
    const tokens = tokenize("'😀é' x");
    assert.equal(tokens[1]!.position, 6);
    assert.equal(tokens[1]!.start, 6);
  });

  it('keeps an error as the last token', () => {
    assert.deepEqual(lex("a 'b"), ['identifier:a', `error:unterminated quoted string at or near "'b"`]);
    assert.deepEqual(lex('a ""'), ['identifier:a', 'error:zero-length delimited identifier at or near """"']);
  });
});
