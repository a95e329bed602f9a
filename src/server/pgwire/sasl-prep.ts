// SASLprep (RFC 4013), the normalization of passwords before SCRAM hashes them. As in PostgreSQL, a password that the
// profile forbids is used as its raw bytes, so this never fails. Code points unassigned in Unicode 3.2 are not refused.

// RFC 3454: C.1.2 (blanks that become a space) and B.1 (code points mapped to nothing).
const OTHER_BLANKS = /[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000]/gu;
const MAPPED_TO_NOTHING = /\u00ad|\u034f|\u1806|[\u180b-\u180d]|\u200c|\u200d|\u2060|[\ufe00-\ufe0f]|\ufeff/gu;

// RFC 3454: C.2.1, C.2.2, C.3 to C.9.
const PROHIBITED = new RegExp(
  '[\\p{Cc}\\p{Co}\\p{Cs}\\u06dd\\u070f\\u180e\\u200c-\\u200f\\u2028-\\u202e\\u2060-\\u2063\\u206a-\\u206f\\u2ff0-\\u2ffb' +
    '\\u0340\\u0341\\ufdd0-\\ufdef\\ufeff\\ufff9-\\uffff\\u{1d173}-\\u{1d17a}\\u{e0001}\\u{e0020}-\\u{e007f}]',
  'u',
);

// RFC 3454, table D.1: characters written from right to left.
const RIGHT_TO_LEFT =
  /[\u05be\u05c0\u05c3\u05d0-\u05ea\u05f0-\u05f4\u061b\u061f\u0621-\u063a\u0640-\u064a\u066d-\u066f\u0671-\u06d5\u06dd\u06e5\u06e6\u06fa-\u06fe\u0700-\u070d\u0710\u0712-\u072c\u0780-\u07a5\u07b1\u200f\ufb1d\ufb1f-\ufb28\ufb2a-\ufbb1\ufbd3-\ufd3d\ufd50-\ufd8f\ufd92-\ufdc7\ufdf0-\ufdfc\ufe70-\ufefc]/u;
const LEFT_TO_RIGHT = /[\p{Lu}\p{Ll}\p{Lt}]/u;

/** The UTF-8 bytes to hash for a password. */
export function saslPrep(password: string): Buffer {
  const mapped = password.replace(OTHER_BLANKS, ' ').replace(MAPPED_TO_NOTHING, '').normalize('NFKC');
  const forbidden = mapped === '' || PROHIBITED.test(mapped) || !bidiAllowed(mapped);
  return Buffer.from(forbidden ? password : mapped, 'utf8');
}

/** RFC 3454, section 6: right-to-left text is not mixed with left-to-right, and begins and ends with it. */
function bidiAllowed(text: string): boolean {
  if (!RIGHT_TO_LEFT.test(text)) return true;
  if (LEFT_TO_RIGHT.test(text)) return false;
  const characters = [...text];
  return RIGHT_TO_LEFT.test(characters[0]!) && RIGHT_TO_LEFT.test(characters.at(-1)!);
}
