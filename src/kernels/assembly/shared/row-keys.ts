// Rows told apart by their keys: a stored row against a row of a batch, and two stored rows in order.
import { D_DATA, D_FLAGS, D_NULL, D_NULLS, D_SHAPE, D_SLOT, DESCRIPTOR_BYTES, FLAG_DESCENDING, FLAG_NULL_MATCHES, FLAG_NULLS_EQUAL, FLAG_NULLS_FIRST, widthShift } from './row-columns';
import { isNull } from './rows';
import { compareValues, equalValues } from './values';

/** Whether the stored row's key columns equal those of batch row `index`, by each descriptor's null rule. */
export function matchRow(descriptors: usize, columns: i32, row: usize, index: i32): bool {
  for (let c = 0; c < columns; c++) {
    const d = descriptors + <usize>c * DESCRIPTOR_BYTES;
    const rowNull = load<u8>(row + <usize>load<u32>(d, D_NULL)) != 0;
    const otherNull = isNull(<usize>load<u32>(d, D_NULLS), index);
    if (rowNull || otherNull) {
      const flags = load<u32>(d, D_FLAGS);
      if (flags & FLAG_NULL_MATCHES) continue;
      if ((flags & FLAG_NULLS_EQUAL) && rowNull && otherNull) continue;
      return false;
    }
    const kind = load<i32>(d);
    const value = <usize>load<u32>(d, D_DATA) + (<usize>index << widthShift(kind));
    if (!equalValues(kind, row + <usize>load<u32>(d, D_SLOT), value, <usize>load<u32>(d, D_SHAPE))) return false;
  }
  return true;
}

/** Order of two rows by the sort keys of the descriptors. */
export function compareRows(descriptors: usize, columns: i32, a: usize, b: usize): i32 {
  for (let c = 0; c < columns; c++) {
    const d = descriptors + <usize>c * DESCRIPTOR_BYTES;
    const flags = load<u32>(d, D_FLAGS);
    const offset = <usize>load<u32>(d, D_NULL);
    const aNull = load<u8>(a + offset);
    const bNull = load<u8>(b + offset);
    if (aNull | bNull) {
      if (aNull == bNull) continue;
      return (aNull != 0) == ((flags & FLAG_NULLS_FIRST) != 0) ? -1 : 1;
    }
    const slot = <usize>load<u32>(d, D_SLOT);
    const order = compareValues(load<i32>(d), a + slot, b + slot, <usize>load<u32>(d, D_SHAPE));
    if (order != 0) return flags & FLAG_DESCENDING ? -order : order;
  }
  return 0;
}
