// nextval, currval, setval, lastval: sequence values are drawn at once and never given back by a rollback.
import type { Sequence } from '../catalog/objects.ts';
import { sqlError } from '../errors/sql-error.ts';
import { denied, may } from './privileges.ts';
import { relationOid } from './relation-names.ts';
import type { SessionState } from './session-state.ts';
import type { SystemFunction } from './system-functions.ts';

function sequenceByOid(state: SessionState, oid: number): Sequence {
  const relation = state.catalog().relations.get(oid);
  if (relation === undefined) throw sqlError('undefined_table', `could not open relation with OID ${oid}`);
  if (relation.kind !== 'sequence') throw sqlError('wrong_object_type', `"${relation.name}" is not a sequence`);
  return relation;
}

function requireAny(state: SessionState, sequence: Sequence, ...privileges: string[]): void {
  if (!privileges.some((one) => may(state, 'sequence', sequence, one))) throw denied(`sequence ${sequence.name}`);
}

function nextValue(state: SessionState, sequence: Sequence): bigint {
  requireAny(state, sequence, 'USAGE', 'UPDATE');
  state.transactions.requireWritable('nextval()');
  const value = state.transactions.transaction.sequences.next(sequence);
  state.lastSequenceValues.delete(sequence.oid); // so that it becomes the newest
  state.lastSequenceValues.set(sequence.oid, value);
  return value;
}

function currentValue(state: SessionState, sequence: Sequence): bigint {
  requireAny(state, sequence, 'USAGE', 'SELECT');
  const value = state.lastSequenceValues.get(sequence.oid);
  if (value === undefined) {
    throw sqlError(
      'object_not_in_prerequisite_state',
      `currval of sequence "${sequence.name}" is not yet defined in this session`,
    );
  }
  return value;
}

function setValue(state: SessionState, sequence: Sequence, value: bigint, isCalled: boolean): bigint {
  requireAny(state, sequence, 'UPDATE');
  state.transactions.requireWritable('setval()');
  state.transactions.transaction.sequences.set(sequence, value, isCalled);
  if (isCalled) state.lastSequenceValues.set(sequence.oid, value);
  return value;
}

export const SEQUENCE_FUNCTIONS: Readonly<Record<string, SystemFunction>> = {
  nextval: (state, [oid]) => nextValue(state, sequenceByOid(state, oid as number)),
  currval: (state, [oid]) => currentValue(state, sequenceByOid(state, oid as number)),
  lastval: (state) => {
    const last = [...state.lastSequenceValues.values()].at(-1);
    if (last === undefined)
      throw sqlError('object_not_in_prerequisite_state', 'lastval is not yet defined in this session');
    return last;
  },
  setval: (state, [oid, value, isCalled]) =>
    setValue(state, sequenceByOid(state, oid as number), value as bigint, isCalled !== false),
  pg_get_serial_sequence: (state, [table, column]) => {
    const catalog = state.catalog();
    const oid = relationOid(state, table as string);
    if (oid === null) throw sqlError('undefined_table', `relation "${table}" does not exist`);
    const attribute = catalog.relations.get(oid)?.columns.find((one) => one.name === column)?.attribute;
    for (const relation of catalog.relations.values()) {
      if (relation.kind !== 'sequence' || relation.ownedBy?.table !== oid || relation.ownedBy.attribute !== attribute)
        continue;
      return `${catalog.schemas.get(relation.schemaOid)!.name}.${relation.name}`;
    }
    return null;
  },
};
