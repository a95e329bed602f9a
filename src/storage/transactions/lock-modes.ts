// The modes of row and relation locks and which exclude each other, as PostgreSQL has them.

export type RowLockMode = 'key_share' | 'share' | 'no_key_update' | 'update';

/** Two modes exclude each other when their strengths add up to more than `update`. */
export const ROW_STRENGTH: Readonly<Record<RowLockMode, number>> = {
  key_share: 1,
  share: 2,
  no_key_update: 3,
  update: 4,
};

const RELATION_LOCK_MODES = [
  'access share',
  'row share',
  'row exclusive',
  'share update exclusive',
  'share',
  'share row exclusive',
  'exclusive',
  'access exclusive',
] as const;

export type RelationLockMode = (typeof RELATION_LOCK_MODES)[number];

/** For each mode, in order, those it excludes. */
const EXCLUDED: Readonly<Record<RelationLockMode, readonly RelationLockMode[]>> = {
  'access share': RELATION_LOCK_MODES.slice(7),
  'row share': RELATION_LOCK_MODES.slice(6),
  'row exclusive': RELATION_LOCK_MODES.slice(4),
  'share update exclusive': RELATION_LOCK_MODES.slice(3),
  share: ['row exclusive', 'share update exclusive', ...RELATION_LOCK_MODES.slice(5)],
  'share row exclusive': RELATION_LOCK_MODES.slice(2),
  exclusive: RELATION_LOCK_MODES.slice(1),
  'access exclusive': RELATION_LOCK_MODES,
};

export function relationModesConflict(a: RelationLockMode, b: RelationLockMode): boolean {
  return EXCLUDED[a].includes(b);
}
