// Numbers: arithmetic, comparison, rounding, mathematics, over every numeric type's extremes.
// biome-ignore-all format: long tables of short texts
import { calls, casts, literals, operators } from './cross.ts';

const INT2 = literals('int2', ['0', '7', '-3', '32767', '-32768', null]);
const INT4 = literals('int4', ['0', '1', '-1', '17', '-5', '2147483647', '-2147483648', null]);
const INT8 = literals('int8', ['0', '3', '-7', '9223372036854775807', '-9223372036854775808', null]);
const FLOAT8 = literals('float8', ['0', '-0', '1.5', '-2.5', '0.1', '1e300', '-1e-300', '1e15', '123456789.123', 'Infinity', '-Infinity', 'NaN', null]);
const FLOAT4 = literals('float4', ['0', '1.5', '-2.25', '0.1', '3.4e38', '1e-40', 'NaN', '-Infinity', null]);
const SHORT_NUMERIC = ['0', '0.00', '1.5', '-2.50', '100', '12345678901234567890.123456789', '-0.000000001', '1e50', 'NaN', 'Infinity', '-Infinity'];
const NUMERIC = literals('numeric', [...SHORT_NUMERIC, null]);
const FIXED = ['1.5', '-2.55', '0.005', '99999999.99', '3', '0'];
const BITS = literals('int4', ['0', '5', '-1', '1', '31', '33', null]);

const INTEGERS = [
  ...operators('+ - * / %', INT2),
  ...operators('+ - * / %', INT4),
  ...operators('+ - * / %', INT8),
  ...operators('= <> < <= > >=', INT4.slice(0, 5), INT8.slice(0, 4)),
  ...operators('& | #', BITS),
  ...operators('<< >>', ['1', '-17', '2147483647', "'1'::int8", "'7'::int2"], ['0', '1', '4', '31', '32', '63', '-1']),
  ...calls('~', [...INT2, ...INT4.slice(0, 4), ...INT8]),
  ...calls('-', [...INT2, ...INT4, ...INT8]),
  ...calls('abs', [...INT2, ...INT4, ...INT8]),
  ...calls('gcd lcm mod', INT4),
  ...calls('gcd lcm mod', INT8),
  ...calls('mod', INT2),
  ...calls('factorial', literals('int8', ['-1', '0', '1', '5', '20', '40', '100', null])),
  ...calls('to_hex', [...INT4, ...INT8]),
  ...calls('div', INT4.slice(1, 5), INT4.slice(0, 5)),
  ...operators('+ - * / % = <', ["'7'::int2"], [...INT4, ...INT8, ...FLOAT4, ...FLOAT8.slice(0, 5), ...NUMERIC.slice(0, 6)]),
  ...operators('+ - * / % = <', ["'17'::int8"], [...INT2, ...FLOAT4.slice(0, 5), ...FLOAT8.slice(0, 5), ...NUMERIC]),
];

const FLOATS = [
  ...operators('+ - * /', FLOAT8),
  ...operators('= < >=', FLOAT8),
  ...operators('+ - * / =', FLOAT4),
  ...operators('+ - * / = <', FLOAT4.slice(0, 6), FLOAT8.slice(0, 6)),
  ...operators('^', FLOAT8.slice(0, 12), literals('float8', ['0', '0.5', '2', '-1', '3', 'Infinity', '-Infinity', 'NaN'])),
  ...calls('power', literals('float8', ['-8', '0', '2', '10']), literals('float8', ['0.3333', '-2', '1024', '-1080'])),
  ...calls('abs ceil ceiling floor round trunc sign sqrt cbrt exp ln log log10 -', FLOAT8),
  ...calls('abs -', FLOAT4),
  ...calls('sin cos tan cot asin acos atan sinh cosh tanh asinh acosh atanh degrees radians', literals('float8', ['0', '0.5', '1', '-1', '2', 'Infinity', 'NaN', null])),
  ...calls('sind cosd tand cotd asind acosd atand', literals('float8', ['0', '0.5', '1', '-1', '30', '45', '60', '90', '-150', '270', '720', 'Infinity', 'NaN'])),
  ...calls('atan2 atan2d', literals('float8', ['0', '1', '-1', 'Infinity']), literals('float8', ['0', '1', '-1', '-Infinity'])),
  ...calls('round', literals('float8', ['0.5', '1.5', '2.5', '-0.5', '-1.5', '0.49999999999999994', '4503599627370497.5'])),
  'pi()',
  ...calls('width_bucket', literals('float8', ['5.35', '0.02', '10.06', '0', '-Infinity', 'NaN']), ["'0.024'::float8", "'10.06'::float8", "'10'::float8"], ["'10.06'::float8", "'0'::float8", "'Infinity'::float8"], ['5', '0']),
];

const NUMERICS = [
  ...operators('+ - * / %', NUMERIC),
  ...operators('= <> < >=', NUMERIC),
  ...operators('+ - * / %', FIXED),
  ...operators('= <> < <= > >=', FIXED),
  ...calls('abs ceil ceiling floor round trunc sign sqrt exp ln log log10 scale min_scale trim_scale -', NUMERIC),
  ...calls('round trunc', literals('numeric', ['12345.6789', '-0.5555', '99.995', 'NaN', 'Infinity', null]), ['-6', '-3', '0', '1', '2', '3', '10', 'NULL']),
  ...calls('power', literals('numeric', ['2', '0', '-2', '1.5', '10', 'Infinity', 'NaN']), literals('numeric', ['0', '3', '-2', '0.5', '100', '-Infinity', 'NaN'])),
  ...operators('^', ['2.0', '0.0', '10.0', '-2.0'], ['3.0', '0.5', '-3.0', '0.0']),
  ...calls('log', literals('numeric', ['2', '10', '0', '-1', '1', 'Infinity']), literals('numeric', ['64', '0.1', '0', '-1', 'NaN', '2'])),
  ...calls('div mod gcd lcm', literals('numeric', ['7', '-7.5', '0', '1e20', '12.3', 'NaN', 'Infinity']), literals('numeric', ['2', '-1.5', '0', 'NaN', 'Infinity'])),
  ...calls('width_bucket', literals('numeric', ['5.35', '0.02', '10.06', '0.024', 'Infinity', 'NaN']), ['0.024', '10.06'], ['10.06', '0', "'Infinity'::numeric"], ['5', '0', '-1']),
  ...['sqrt(2::numeric)', 'sqrt(0.0001)', 'exp(1.0)', 'exp(-50.5)', 'ln(2.0)', 'ln(1e-30)', 'log(2.0, 10.0)', 'exp(1000000.0)', "sqrt(123456789012345678901234567890)", '1.0/3', '2/3.0', '1e10/3', '100.00/7.000', '10.0^30', '2.5^3.5', '0.1+0.2', '1.10*1.1', '5.0%1.5', '-5.5%2', "1::numeric/1e30", '9999999999999999.99*9999999999999999.99', "'1e1000'::numeric*10", "'9e131071'::numeric*10"],
  ...calls('width_bucket', ['5', '0', '35', 'NULL'], ['ARRAY[1, 10, 20, 30]']),
  ...calls('width_bucket', ["'b'::text", "'z'::text"], ["ARRAY['a', 'c', 'e']"]),
  ...calls('greatest least', ['1', '2.5', 'NULL'], ['2', '-1.0', 'NULL'], ['3', 'NULL']),
  ...calls('num_nulls num_nonnulls', ['1', 'NULL'], ["'a'", 'NULL'], ['2.5']),
];

const DECIMAL_TEXTS = ['0', '-0', ' 12 ', '1.50', '.5', '5.', '-.5e3', '1e5', '1E-3', '+7', 'NaN', 'inf', '-Infinity', 'abc', '', '1.2.3', '1e', '--1', '0x1F', '1_000', '99999999999999999999', '1e400', '1e-400', '123456789012345678.5', '32768', '-2147483649', '2.5', '3.5', '-2.5'];
const CASTS = [
  ...literals('text', DECIMAL_TEXTS).flatMap((text) => casts([text], 'int2', 'int4', 'int8', 'float4', 'float8', 'numeric', 'oid')),
  ...DECIMAL_TEXTS.flatMap((text) => ['int2', 'int4', 'int8', 'float4', 'float8', 'numeric', 'numeric(5,2)'].map((type) => `${type} '${text}'`)),
  ...casts([...FLOAT8, "'32767.5'::float8", "'2147483647.5'::float8", "'9.3e18'::float8", "'2.5'::float8", "'3.5'::float8"], 'int2', 'int4', 'int8', 'float4', 'numeric', 'text', 'numeric(10,2)'),
  ...casts(FLOAT4, 'int2', 'int4', 'int8', 'float8', 'numeric', 'text'),
  ...casts([...NUMERIC, '2.5', '3.5', '-2.5', '32767.4', '32767.5', '2147483647.5', '9223372036854775807.5'], 'int2', 'int4', 'int8', 'float4', 'float8', 'text', 'numeric(5,2)', 'numeric(38,10)', 'numeric(3)'),
  ...casts([...INT4, ...INT8], 'int2', 'int4', 'int8', 'float4', 'float8', 'numeric', 'text', 'bool', 'oid', 'numeric(4,1)').filter((e) => !/int8\)::bool/.test(e)),
  ...casts(INT2, 'int4', 'int8', 'float4', 'float8', 'numeric', 'text'),
  ...['1e400', '1e-400', '-1e400'].flatMap((text) => casts([text], 'float8', 'float4', 'numeric', 'text')),
  ...['1', '0.1', '1.1', '123456.789', '1e15', '1e16', '1e-5', '0.0001', '1234567', '3.4028235e38', '1.17549435e-38', '5e-324', '1.7976931348623157e308', '0.3', '100000', '1000000', '2e-4'].flatMap((text) => [`float8 '${text}'`, ...(text.includes('e308') || text.includes('e-324') ? [] : [`float4 '${text}'`])]),
];

export const NUMBER_CASES: readonly string[] = [...INTEGERS, ...FLOATS, ...NUMERICS, ...CASTS];
