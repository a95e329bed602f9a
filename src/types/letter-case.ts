// Upper and lower case character by character, with Unicode's simple mappings: no character becomes two and none looks at its
// neighbours, as towupper and towlower map them in a C.UTF-8 locale ('ß' stays, every sigma is the same).

/** Greek capitals with iota: their simple capital is a single character, their full one is two. */
function greekCapital(code: number): number | undefined {
  if (code >= 0x1f80 && code <= 0x1faf) return code | 8;
  return code === 0x1fb3 || code === 0x1fc3 || code === 0x1ff3 ? code + 9 : undefined;
}

function upper(character: string): string {
  const full = character.toUpperCase();
  if (full === character || [...full].length === 1) return full;
  const capital = greekCapital(character.codePointAt(0)!);
  return capital === undefined ? character : String.fromCodePoint(capital);
}

/** Only U+0130 has a longer full mapping; its simple one is i. */
const lower = (character: string): string => (character === 'İ' ? 'i' : character.toLowerCase());

const ASCII = /^[\0-\x7f]*$/;

export function upperCase(text: string): string {
  return ASCII.test(text) ? text.toUpperCase() : Array.from(text, upper).join('');
}

export function lowerCase(text: string): string {
  return ASCII.test(text) ? text.toLowerCase() : Array.from(text, lower).join('');
}

/** The first letter of each word in upper case, the others in lower case; words are runs of letters and digits. */
export function initialCapitals(text: string): string {
  let inWord = false;
  return Array.from(text, (character) => {
    const out = inWord ? lower(character) : upper(character);
    inWord = /[\p{Alphabetic}\p{Nd}]/u.test(character);
    return out;
  }).join('');
}
