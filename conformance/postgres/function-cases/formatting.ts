// to_char, to_date, to_timestamp and to_number over pictures.
// biome-ignore-all format: long tables of short texts
import { calls, literals, texts } from './cross.ts';

const MOMENTS = ['2024-02-29 13:14:15.678901', '0044-03-15 BC 00:05:09', '1999-12-31 23:59:59', '2021-01-03 12:00:00', '12345-06-07 01:02:03', 'infinity'];
const SPANS = ['1 year 2 mons 3 days 04:05:06.789', '-1 mons -5 days -26:03:04.5', '100:00:00', '0', '9 days'];
const DATE_PICTURES = [
  '', 'YYYY-MM-DD HH24:MI:SS', 'YYYY YYY YY Y', 'IYYY IYY IY I', 'Y,YYY', 'FMYYYY FMMM FMDD', 'DAY Day day DY Dy dy', 'MONTH Month month MON Mon mon',
  'FMDay, FMMonth DDth', 'TMMonth TMDay', 'D ID DD DDD IDDD', 'FMDDD FMDD', 'WW IW W Q CC J', 'HH HH12 AM', 'hh12:mi pm', 'A.M. p.m. a.m.', 'BC ad B.C. a.d.',
  'MS US', 'FF1 FF2 FF3 FF4 FF5 FF6', 'SSSS SSSSS', 'RM rm FMRM', 'TZ tz TZH:TZM OF', 'YYYY"T"HH24', '"q"uo" YYYY', 'Yyyy', 'xyz', 'FMHH24:FMMI', 'DDTH YYYYth Qth',
  'FXYYYY', 'YYYY年MM月', 'FMQ', 'HH24hMI', 'Mon DD, YYYY', 'IYYY-"W"IW-ID',
];
const SPAN_PICTURES = DATE_PICTURES.filter((picture) => !/J|I[WYD]|^D ID/.test(picture));

const NUMBERS = ['0', '1', '-1', '12', '-485', '1234.5', '-1234.567', '0.1', '-0.05', '999.995', '123456789', '0.000012345', '12345678901234567890', 'NaN', 'Infinity'];
const NUMBER_PICTURES = ['', '9', '99', '999', '9999.99', '0000.00', '9,999', '9,999,999.99', 'FM9999.99', 'FM0000.00', 'FM9,999.0', 'S9999', '9999S', 'SG9999', 'MI9999', '9999MI', 'PL9999', '9999PR', 'FM9999PR', 'L9999', '9999th', '9999TH', 'FM9999th', 'RN', 'rn', 'FMRN', '9.99EEEE', '9EEEE', 'FM9.999EEEE', '99V99', '9999V9', '"x"9999"y"', '9G999D99', 'B9999', 'B9.9', '9 9 9', '$9999.99', '.99', '0.9', '09', '90', '00', 'FM999.009', '99999999999999999999.9', 'abc', '9.9.9', '9999 %', 'SG9,999.00', 'PL99', 'S0.0', 'FMS999', '9S9', '99D', 'V9'];

export const FORMATTING_CASES: readonly string[] = [
  ...['timestamp', 'timestamptz'].flatMap((type) => calls('to_char', literals(type, MOMENTS), texts(...DATE_PICTURES))),
  ...calls('to_char', literals('interval', SPANS), texts(...SPAN_PICTURES)),
  "to_char(date '2024-02-29', 'YYYY/MM/DD')", "to_char(time '13:14:15', 'HH24')", "to_char(NULL::timestamp, 'YYYY')",
  ...calls('to_char', literals('numeric', NUMBERS), texts(...NUMBER_PICTURES)),
  ...calls('to_char', literals('int4', ['0', '-7', '485', '2147483647', '-2147483648', '3999', '4000']), texts('9999', '0000000000000', 'S9,999', 'RN', 'FM9999999999', '99.99', '9.9EEEE', '99th', 'PR9999', '9999PR')),
  ...calls('to_char', literals('int8', ['0', '9223372036854775807', '-9223372036854775808', '12']), texts('9999', 'FM9999999999999999999', '9.99EEEE', 'S9,999', '99V9')),
  ...calls('to_char', literals('float8', ['0', '1.5', '-1234.567', '1e300', '1e-10', 'NaN', '-Infinity', '0.1']), texts('9999.99', '9.99EEEE', 'FM999.999', '0.0', 'S9G999D9', '999', '9.9', 'RN', '9999999999999999999999.99')),
  ...calls('to_char', literals('float4', ['1.5', '-1234.567', '0.1', 'NaN']), texts('9999.99', '9.99EEEE', 'FM999.999999999', '0.0')),
  ...[['2024-02-29', 'YYYY-MM-DD'], ['29 Feb 2024', 'DD Mon YYYY'], ['20240229', 'YYYYMMDD'], ['29/2/24', 'DD/MM/YY'], ['February 29, 2024', 'Month DD, YYYY'], ['2024-060', 'YYYY-DDD'], ['2024 09 4', 'IYYY IW ID'], ['24-02-29', 'YY-MM-DD'], ['1-1-1', 'Y-MM-DD'], ['2023-02-29', 'YYYY-MM-DD'], ['2024-13-01', 'YYYY-MM-DD'], ['44-03-15 BC', 'YYYY-MM-DD BC'], ['abc', 'YYYY'], ['', 'YYYY-MM-DD'], ['2024', 'YYYY'], ['02', 'MM'], ['2460370', 'J'], ['29-II-2024', 'DD-RM-YYYY'], ['2024-02-29', 'FXYYYY-MM-DD'], ['2024-2-29', 'FXYYYY-MM-DD'], ['21 2024', 'CC YYYY'], ['2024/Q1', 'YYYY/Q'], ['20-2024-02', 'YYYY-MM'], ['2024-02-29 extra', 'YYYY-MM-DD'], ['thursday 29 february 2024', 'day DD month YYYY'], ['2,024-02-29', 'Y,YYY-MM-DD'], ['  2024-02-29', 'YYYY-MM-DD'], ['2024_02_29', 'YYYY-MM-DD'], ['20000-1131', 'YYYY-MMDD'], ['9-Foo-2024', 'DD-Mon-YYYY'], ['2024-02-32', 'YYYY-MM-DD'], ['-44-02-01', 'YYYY-MM-DD'], ['3 4 2024', 'W MM YYYY'], ['5 2024', 'WW YYYY'], ['29th Feb 2024', 'DDth Mon YYYY'], ['year 2024', '"year" YYYY']].flatMap(([text, picture]) => calls('to_date to_timestamp', texts(text!), texts(picture!))),
  ...[['2024-02-29 13:14:15', 'YYYY-MM-DD HH24:MI:SS'], ['2024-02-29 01:14:15 PM', 'YYYY-MM-DD HH12:MI:SS AM'], ['12:30 a.m.', 'HH:MI a.m.'], ['2024-02-29 13:14:15.678901', 'YYYY-MM-DD HH24:MI:SS.US'], ['2024-02-29 13:14:15.6', 'YYYY-MM-DD HH24:MI:SS.MS'], ['13:14:15.123', 'HH24:MI:SS.FF3'], ['47655', 'SSSS'], ['2024-02-29 13:14 +05:30', 'YYYY-MM-DD HH24:MI TZH:TZM'], ['2024-02-29 25:00', 'YYYY-MM-DD HH24:MI'], ['13 PM', 'HH12 PM'], ['2024-02-29 10:61', 'YYYY-MM-DD HH24:MI'], ['20240229131415', 'YYYYMMDDHH24MISS'], ['2024-02-29T13:14:15', 'YYYY-MM-DD"T"HH24:MI:SS'], ['2024-02-29 13', 'YYYY-MM-DD HH24'], ['1.5', 'SS.MS'], ['2024-02-29 0:00 AM', 'YYYY-MM-DD HH:MI AM'], ['15 Mar 44 BC 10:00', 'DD Mon YYYY BC HH24:MI'], ['2024-02-29 13:14:15 America', 'YYYY-MM-DD HH24:MI:SS TZ'], ['10:00 xx', 'HH24:MI AM']].flatMap(([text, picture]) => calls('to_timestamp', texts(text!), texts(picture!))),
  ...calls('to_timestamp', ['0', '1700000000', '1.5', '-1', "'Infinity'::float8", "'NaN'::float8", '1e18', 'NULL']),
  ...[['12,454.8-', '99G999D9S'], ['-34,338,492', '99G999G999'], ['-34,338,492.654,878', '99G999G999D999G999'], ['<564646.654564>', '999999.999999PR'], ['0.00001-', '9.999999S'], ['5.01-', 'FM9.999999S'], ['5 4 4 4 4 8 . 7 8', '9 9 9 9 9 9 . 9 9'], ['.01', 'FM9.99'], ['.0', '99999999.99999999'], ['0', '99.99'], ['.-01', 'S99.99'], ['.01-', '99.99S'], [' . 0 1-', ' 9 9 . 9 9 S'], ['34,50', '999,99'], ['123,000', '999G'], ['123456', '999G999'], ['$1234.56', 'L9,999.99'], ['$1,234.56', 'L9,999.99'], ['1234.56', 'L9,999.99'], ['42nd', '99th'], ['', '9'], ['abc', '999'], ['12', ''], ['-1', 'MI9'], ['+1', 'PL9'], ['1e5', '9EEEE'], ['XIV', 'RN'], ['123456789', '999'], ['12.34', '99'], ['1 2', '99'], ['123', '9V99']].flatMap(([text, picture]) => calls('to_number', texts(text!), texts(picture!))),
  ...calls('pg_size_pretty', ['0', '10240', '-20000', '1048576', '1234567890123', "'9223372036854775807'::int8", 'NULL::int8', '1024.5', '10485760.7', "'1e20'::numeric"]),
  ...calls('pg_size_bytes', texts('1', '1kB', ' 2.5 MB ', '1 GB', '1tb', 'x', '1 foo', '-3 kB', '1e3', '1bytes', '', null)),
];
