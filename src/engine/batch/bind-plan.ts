// Replaces the parameters that an apply binds (index >= base) by constants, throughout a plan.
import type { BatchPlan } from '../../plan/batch.ts';
import type { Datum } from '../../types/datum.ts';

/** A copy of the plan with parameters base .. base + values.length - 1 bound; parts without any are shared with the original. */
export function bindPlan(plan: BatchPlan, base: number, values: readonly (Datum | null)[]): BatchPlan {
  return bound(plan, base, values) as BatchPlan;
}

interface ParameterLike {
  readonly kind: 'parameter';
  readonly index: number;
  readonly type: unknown;
}

function isParameter(node: object): node is ParameterLike {
  return (node as { kind?: unknown }).kind === 'parameter';
}

function bound(node: unknown, base: number, values: readonly (Datum | null)[]): unknown {
  if (typeof node !== 'object' || node === null || node instanceof Uint8Array) return node;
  if (Array.isArray(node)) {
    let copy: unknown[] | null = null;
    for (let i = 0; i < node.length; i++) {
      const next = bound(node[i], base, values);
      if (next === node[i]) continue;
      copy ??= node.slice();
      copy[i] = next;
    }
    return copy ?? node;
  }
  if (isParameter(node)) {
    const at = node.index - base;
    return at >= 0 && at < values.length ? { kind: 'constant', type: node.type, value: values[at]! } : node;
  }
  let copy: Record<string, unknown> | null = null;
  for (const [key, value] of Object.entries(node)) {
    if (key === 'types' || key === 'type') continue;
    const next = bound(value, base, values);
    if (next === value) continue;
    copy ??= { ...node };
    copy[key] = next;
  }
  return copy ?? node;
}
