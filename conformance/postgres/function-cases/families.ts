// The families of recorded expressions; each becomes one file of answers.
import { AGGREGATE_CASES } from './aggregates.ts';
import { ARRAY_CASES } from './arrays.ts';
import { DATE_CASES, INTERVAL_FIELD_CASES } from './dates.ts';
import { EVERYDAY_CASES } from './everyday.ts';
import { FORMATTING_CASES } from './formatting.ts';
import { JSON_CASES, JSONPATH_CASES } from './json.ts';
import { NUMBER_CASES } from './numbers.ts';
import { PATTERN_CASES } from './patterns.ts';
import { STRING_CASES } from './strings.ts';

export const FAMILIES: Readonly<Record<string, readonly string[]>> = {
  numbers: NUMBER_CASES,
  strings: STRING_CASES,
  patterns: PATTERN_CASES,
  dates: DATE_CASES,
  'interval-fields': INTERVAL_FIELD_CASES,
  formatting: FORMATTING_CASES,
  json: JSON_CASES,
  jsonpath: JSONPATH_CASES,
  arrays: ARRAY_CASES,
  aggregates: AGGREGATE_CASES,
  everyday: EVERYDAY_CASES,
};
