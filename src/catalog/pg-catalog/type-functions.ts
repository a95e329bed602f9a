// The functions by which PostgreSQL reads, prints, receives and sends each type. Nobody calls them by name here, but drivers
// recognize types by them (typreceive = array_recv), so pg_type names them and pg_proc lists them.

/** What one of these functions takes and gives, in pg_type names. */
export interface TypeFunction {
  readonly oid: number;
  readonly name: string;
  readonly parameters: readonly string[];
  readonly result: string;
}

export interface TypeFunctions {
  readonly input: TypeFunction;
  readonly output: TypeFunction;
  readonly receive: TypeFunction | null;
  readonly send: TypeFunction | null;
  readonly modifierIn: TypeFunction | null;
  readonly modifierOut: TypeFunction | null;
}

type Entry = readonly [name: string, oid: number];
type Row = readonly [
  type: string,
  input: Entry,
  output: Entry,
  receive?: Entry,
  send?: Entry,
  modifierIn?: Entry,
  modifierOut?: Entry,
];

// biome-ignore format: a table reads best with one row per line
const ROWS: readonly Row[] = [
  ['bool', ['boolin', 1242], ['boolout', 1243], ['boolrecv', 2436], ['boolsend', 2437]],
  ['bytea', ['byteain', 1244], ['byteaout', 31], ['bytearecv', 2412], ['byteasend', 2413]],
  ['char', ['charin', 1245], ['charout', 33], ['charrecv', 2434], ['charsend', 2435]],
  ['name', ['namein', 34], ['nameout', 35], ['namerecv', 2422], ['namesend', 2423]],
  ['int8', ['int8in', 460], ['int8out', 461], ['int8recv', 2408], ['int8send', 2409]],
  ['int2', ['int2in', 38], ['int2out', 39], ['int2recv', 2404], ['int2send', 2405]],
  ['int2vector', ['int2vectorin', 40], ['int2vectorout', 41], ['int2vectorrecv', 2410], ['int2vectorsend', 2411]],
  ['int4', ['int4in', 42], ['int4out', 43], ['int4recv', 2406], ['int4send', 2407]],
  ['regproc', ['regprocin', 44], ['regprocout', 45], ['regprocrecv', 2444], ['regprocsend', 2445]],
  ['text', ['textin', 46], ['textout', 47], ['textrecv', 2414], ['textsend', 2415]],
  ['oid', ['oidin', 1798], ['oidout', 1799], ['oidrecv', 2418], ['oidsend', 2419]],
  ['xid', ['xidin', 50], ['xidout', 51], ['xidrecv', 2440], ['xidsend', 2441]],
  ['oidvector', ['oidvectorin', 54], ['oidvectorout', 55], ['oidvectorrecv', 2420], ['oidvectorsend', 2421]],
  ['json', ['json_in', 321], ['json_out', 322], ['json_recv', 323], ['json_send', 324]],
  ['pg_node_tree', ['pg_node_tree_in', 195], ['pg_node_tree_out', 196], ['pg_node_tree_recv', 197], ['pg_node_tree_send', 198]],
  ['float4', ['float4in', 200], ['float4out', 201], ['float4recv', 2424], ['float4send', 2425]],
  ['float8', ['float8in', 214], ['float8out', 215], ['float8recv', 2426], ['float8send', 2427]],
  ['unknown', ['unknownin', 109], ['unknownout', 110], ['unknownrecv', 2416], ['unknownsend', 2417]],
  ['array', ['array_in', 750], ['array_out', 751], ['array_recv', 2400], ['array_send', 2401]],
  ['aclitem', ['aclitemin', 1031], ['aclitemout', 1032]],
  ['bpchar', ['bpcharin', 1044], ['bpcharout', 1045], ['bpcharrecv', 2430], ['bpcharsend', 2431], ['bpchartypmodin', 2913], ['bpchartypmodout', 2914]],
  ['varchar', ['varcharin', 1046], ['varcharout', 1047], ['varcharrecv', 2432], ['varcharsend', 2433], ['varchartypmodin', 2915], ['varchartypmodout', 2916]],
  ['date', ['date_in', 1084], ['date_out', 1085], ['date_recv', 2468], ['date_send', 2469]],
  ['time', ['time_in', 1143], ['time_out', 1144], ['time_recv', 2470], ['time_send', 2471], ['timetypmodin', 2909], ['timetypmodout', 2910]],
  ['timestamp', ['timestamp_in', 1312], ['timestamp_out', 1313], ['timestamp_recv', 2474], ['timestamp_send', 2475], ['timestamptypmodin', 2905], ['timestamptypmodout', 2906]],
  ['timestamptz', ['timestamptz_in', 1150], ['timestamptz_out', 1151], ['timestamptz_recv', 2476], ['timestamptz_send', 2477], ['timestamptztypmodin', 2907], ['timestamptztypmodout', 2908]],
  ['interval', ['interval_in', 1160], ['interval_out', 1161], ['interval_recv', 2478], ['interval_send', 2479], ['intervaltypmodin', 2903], ['intervaltypmodout', 2904]],
  ['numeric', ['numeric_in', 1701], ['numeric_out', 1702], ['numeric_recv', 2460], ['numeric_send', 2461], ['numerictypmodin', 2917], ['numerictypmodout', 2918]],
  ['regprocedure', ['regprocedurein', 2212], ['regprocedureout', 2213], ['regprocedurerecv', 2446], ['regproceduresend', 2447]],
  ['regoperator', ['regoperatorin', 2216], ['regoperatorout', 2217], ['regoperatorrecv', 2450], ['regoperatorsend', 2451]],
  ['regclass', ['regclassin', 2218], ['regclassout', 2219], ['regclassrecv', 2452], ['regclasssend', 2453]],
  ['regtype', ['regtypein', 2220], ['regtypeout', 2221], ['regtyperecv', 2454], ['regtypesend', 2455]],
  ['record', ['record_in', 2290], ['record_out', 2291], ['record_recv', 2402], ['record_send', 2403]],
  ['cstring', ['cstring_in', 2292], ['cstring_out', 2293], ['cstring_recv', 2500], ['cstring_send', 2501]],
  ['any', ['any_in', 2294], ['any_out', 2295]],
  ['anyarray', ['anyarray_in', 2296], ['anyarray_out', 2297], ['anyarray_recv', 2502], ['anyarray_send', 2503]],
  ['void', ['void_in', 2298], ['void_out', 2299], ['void_recv', 3120], ['void_send', 3121]],
  ['trigger', ['trigger_in', 2300], ['trigger_out', 2301]],
  ['event_trigger', ['event_trigger_in', 3594], ['event_trigger_out', 3595]],
  ['internal', ['internal_in', 2304], ['internal_out', 2305]],
  ['anyelement', ['anyelement_in', 2312], ['anyelement_out', 2313]],
  ['anynonarray', ['anynonarray_in', 2777], ['anynonarray_out', 2778]],
  ['uuid', ['uuid_in', 2952], ['uuid_out', 2953], ['uuid_recv', 2961], ['uuid_send', 2962]],
  ['jsonb', ['jsonb_in', 3806], ['jsonb_out', 3804], ['jsonb_recv', 3805], ['jsonb_send', 3803]],
  ['jsonpath', ['jsonpath_in', 4001], ['jsonpath_out', 4003], ['jsonpath_recv', 4002], ['jsonpath_send', 4004]],
  ['regnamespace', ['regnamespacein', 4084], ['regnamespaceout', 4085], ['regnamespacerecv', 4087], ['regnamespacesend', 4088]],
  ['regrole', ['regrolein', 4098], ['regroleout', 4092], ['regrolerecv', 4094], ['regrolesend', 4095]],
  ['anycompatible', ['anycompatible_in', 5086], ['anycompatible_out', 5087]],
  ['anycompatiblearray', ['anycompatiblearray_in', 5088], ['anycompatiblearray_out', 5089], ['anycompatiblearray_recv', 5090], ['anycompatiblearray_send', 5091]],
];

// inputs that also take the element's or row's oid and a type modifier
const WITH_MODIFIER = new Set([
  'array',
  'record',
  'bpchar',
  'varchar',
  'time',
  'timestamp',
  'timestamptz',
  'interval',
  'numeric',
]);

function functionsOf([type, input, output, receive, send, modifierIn, modifierOut]: Row): TypeFunctions {
  const own = type === 'array' ? 'anyarray' : type;
  const extra = WITH_MODIFIER.has(type) ? ['oid', 'int4'] : [];
  const make = (entry: Entry | undefined, parameters: readonly string[], result: string): TypeFunction | null =>
    entry === undefined ? null : { name: entry[0], oid: entry[1], parameters, result };
  return {
    input: make(input, ['cstring', ...extra], own)!,
    output: make(output, [own], 'cstring')!,
    receive: make(receive, ['internal', ...extra], own),
    send: make(send, [own], 'bytea'),
    modifierIn: make(modifierIn, ['cstring[]'], 'int4'),
    modifierOut: make(modifierOut, ['int4'], 'cstring'),
  };
}

const BY_TYPE = new Map(ROWS.map((row) => [row[0], functionsOf(row)]));

/** By pg_type name ('array' for all array types). */
export function typeFunctions(type: string): TypeFunctions {
  const found = BY_TYPE.get(type);
  if (found === undefined) throw new Error(`no input and output functions for type ${type}`);
  return found;
}

export function allTypeFunctions(): readonly TypeFunction[] {
  return [...BY_TYPE.values()].flatMap((one) => Object.values(one).filter((each) => each !== null));
}
