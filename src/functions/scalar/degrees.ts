// Trigonometry in degrees, exact at multiples of 30 and 45: sines and cosines are scaled by their own values at 30 and 60 degrees,
// tangents by theirs at 45, so that rounding cancels there (PostgreSQL's method, whose digits these functions share).

const RADIANS = Math.PI / 180;
const SIN_30 = Math.sin(30 * RADIANS);
const ONE_MINUS_COS_60 = 1 - Math.cos(60 * RADIANS);
const ASIN_HALF = Math.asin(0.5);
const ACOS_HALF = Math.acos(0.5);
const ATAN_ONE = Math.atan(1);

const sineTo30 = (x: number) => Math.sin(x * RADIANS) / SIN_30 / 2;
const cosineTo60 = (x: number) => 1 - (1 - Math.cos(x * RADIANS)) / ONE_MINUS_COS_60 / 2;
/** Within the first quadrant. */
const sine = (x: number) => (x <= 30 ? sineTo30(x) : cosineTo60(90 - x));
const cosine = (x: number) => (x <= 60 ? cosineTo60(x) : sineTo30(90 - x));
const TAN_45 = sine(45) / cosine(45);
const COT_45 = cosine(45) / sine(45);

/** The angle of the first quadrant, and whether it was folded over the horizontal and the vertical axis. */
function fold(x: number): { readonly angle: number; readonly below: boolean; readonly left: boolean } {
  let angle = x % 360;
  let below = false;
  if (angle < 0) [angle, below] = [-angle, true];
  if (angle > 180) [angle, below] = [360 - angle, !below];
  return angle > 90 ? { angle: 180 - angle, below, left: true } : { angle, below, left: false };
}

const signed = (value: number, negative: boolean) => (value === 0 ? 0 : negative ? -value : value);

export function sind(x: number): number {
  const { angle, below } = fold(x);
  return signed(sine(angle), below);
}
export function cosd(x: number): number {
  const { angle, left } = fold(x);
  return signed(cosine(angle), left);
}
export function tand(x: number): number {
  const { angle, below, left } = fold(x);
  return signed(sine(angle) / cosine(angle) / TAN_45, below !== left);
}
export function cotd(x: number): number {
  const { angle, below, left } = fold(x);
  return signed(cosine(angle) / sine(angle) / COT_45, below !== left);
}

const arcsine = (x: number) => (x <= 0.5 ? (Math.asin(x) / ASIN_HALF) * 30 : 90 - (Math.acos(x) / ACOS_HALF) * 60);
const arccosine = (x: number) => (x <= 0.5 ? 90 - (Math.asin(x) / ASIN_HALF) * 30 : (Math.acos(x) / ACOS_HALF) * 60);

export function asind(x: number): number {
  return x < 0 ? -arcsine(-x) : arcsine(x);
}
export function acosd(x: number): number {
  return x < 0 ? 90 + arcsine(-x) : arccosine(x);
}
export function atand(x: number): number {
  return (Math.atan(x) / ATAN_ONE) * 45;
}
export function atan2d(y: number, x: number): number {
  return (Math.atan2(y, x) / ATAN_ONE) * 45;
}
