// The ways a function may be written, in the order they are tried:
//   module      export function f(a) {...}, export default ...: top-level code runs once, when a child loads the function
//   script      an arrow function or function declarations; the completion value or the declared name is the function
//   expression  (function (a) {...}), an anonymous function expression
//   body        return a + 1
// Which one is meant is not decidable by looking, so the next one is tried where one does not compile or gives no function.

export interface SourceForm {
  readonly kind: 'module' | 'script' | 'expression' | 'body';
  readonly code: string;
}

const LEADING_COMMENTS = /^(?:\s|\/\/[^\n]*\n|\/\*[\s\S]*?\*\/)*/;
const LOOKS_LIKE_FUNCTION = /^(?:async\b\s*)?(?:function\b|\(|[\p{ID_Start}$_][\p{ID_Continue}$]*\s*=>)/u;

/** The candidates for `source`, first choice first, all with its line numbers. `innerName` is an identifier or ''. */
export function sourceForms(source: string, innerName: string, parameters: readonly string[]): SourceForm[] {
  if (/(?:^|[;}\n])\s*export\b/.test(source)) return [{ kind: 'module', code: source }];
  const forms: SourceForm[] = [];
  const start = source.replace(LEADING_COMMENTS, '');
  if (LOOKS_LIKE_FUNCTION.test(start)) {
    forms.push({ kind: 'script', code: source });
    forms.push({ kind: 'expression', code: `(${source.replace(/[\s;]+$/, '')}\n)` });
  }
  const name = parameters.includes(innerName) ? '' : innerName;
  forms.push({ kind: 'body', code: `(function ${name}(${parameters.join(', ')}) {${source}\n})` });
  return forms;
}

/** The names under which a script or a module may have declared the function, best first. */
export function declaredNames(source: string, functionName: string): string[] {
  const first = /\bfunction\s*\*?\s*([\p{ID_Start}$_][\p{ID_Continue}$]*)/u.exec(source);
  return first === null ? [functionName] : [functionName, first[1]!];
}

/** A body that can never give a value was meant as something else, for example as an expression. */
export function hasNoResult(source: string): boolean {
  return !/\b(?:return|throw)\b/.test(source);
}
