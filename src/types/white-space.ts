// White space as the input functions of types know it: blanks, tabs and line ends, not the spaces of other alphabets.

/** One character of it. */
export const SPACE = /[ \t-\r]/;

/** The text without white space at its ends. */
export function trimSpace(text: string): string {
  const inner = text.charCodeAt(0) > 32 && text.charCodeAt(text.length - 1) > 32;
  return inner ? text : text.replace(/^[ \t-\r]+|[ \t-\r]+$/g, '');
}

/** Whether the text has a character beyond ASCII, which no number, date or interval has. */
export function hasForeignCharacters(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 127) return true;
  return false;
}
