// Catalogs of what does not exist here (policies, publications, text search, rules of partitioning ...): every column, no rows.
import { emptyRelation } from '../define-system-relation.ts';
import type { SystemRelationDefinition } from '../system-relation.ts';

// biome-ignore format: columns fill the lines
export const EMPTY_CATALOGS: readonly SystemRelationDefinition[] = [
  emptyRelation(['pg_catalog', 'pg_amproc', 2603, 'table'], `
    oid:oid! amprocfamily:oid! amproclefttype:oid! amprocrighttype:oid! amprocnum:int2! amproc:regproc!`),
  emptyRelation(['pg_catalog', 'pg_conversion', 2607, 'table'], `
    oid:oid! conname:name! connamespace:oid! conowner:oid! conforencoding:int4! contoencoding:int4!
    conproc:regproc! condefault:bool!`),
  emptyRelation(['pg_catalog', 'pg_db_role_setting', 2964, 'table'], `
    setdatabase:oid! setrole:oid! setconfig:text[]`),
  emptyRelation(['pg_catalog', 'pg_default_acl', 826, 'table'], `
    oid:oid! defaclrole:oid! defaclnamespace:oid! defaclobjtype:char! defaclacl:aclitem[]!`),
  emptyRelation(['pg_catalog', 'pg_enum', 3501, 'table'], `
    oid:oid! enumtypid:oid! enumsortorder:float4! enumlabel:name!`),
  emptyRelation(['pg_catalog', 'pg_event_trigger', 3466, 'table'], `
    oid:oid! evtname:name! evtevent:name! evtowner:oid! evtfoid:oid! evtenabled:char! evttags:text[]`),
  emptyRelation(['pg_catalog', 'pg_extension', 3079, 'table'], `
    oid:oid! extname:name! extowner:oid! extnamespace:oid! extrelocatable:bool! extversion:text! extconfig:oid[]
    extcondition:text[]`),
  emptyRelation(['pg_catalog', 'pg_inherits', 2611, 'table'], `
    inhrelid:oid! inhparent:oid! inhseqno:int4! inhdetachpending:bool!`),
  emptyRelation(['pg_catalog', 'pg_init_privs', 3394, 'table'], `
    objoid:oid! classoid:oid! objsubid:int4! privtype:char! initprivs:aclitem[]!`),
  emptyRelation(['pg_catalog', 'pg_largeobject', 2613, 'table'], `
    loid:oid! pageno:int4! data:bytea!`),
  emptyRelation(['pg_catalog', 'pg_largeobject_metadata', 2995, 'table'], `
    oid:oid! lomowner:oid! lomacl:aclitem[]`),
  emptyRelation(['pg_catalog', 'pg_parameter_acl', 6243, 'table'], `
    oid:oid! parname:text! paracl:aclitem[]`),
  emptyRelation(['pg_catalog', 'pg_partitioned_table', 3350, 'table'], `
    partrelid:oid! partstrat:char! partnatts:int2! partdefid:oid! partattrs:int2vector! partclass:oidvector!
    partcollation:oidvector! partexprs:pg_node_tree`),
  emptyRelation(['pg_catalog', 'pg_policy', 3256, 'table'], `
    oid:oid! polname:name! polrelid:oid! polcmd:char! polpermissive:bool! polroles:oid[]! polqual:pg_node_tree
    polwithcheck:pg_node_tree`),
  emptyRelation(['pg_catalog', 'pg_publication', 6104, 'table'], `
    oid:oid! pubname:name! pubowner:oid! puballtables:bool! pubinsert:bool! pubupdate:bool! pubdelete:bool!
    pubtruncate:bool! pubviaroot:bool!`),
  emptyRelation(['pg_catalog', 'pg_publication_namespace', 6237, 'table'], `
    oid:oid! pnpubid:oid! pnnspid:oid!`),
  emptyRelation(['pg_catalog', 'pg_publication_rel', 6106, 'table'], `
    oid:oid! prpubid:oid! prrelid:oid! prqual:pg_node_tree prattrs:int2vector`),
  emptyRelation(['pg_catalog', 'pg_range', 3541, 'table'], `
    rngtypid:oid! rngsubtype:oid! rngmultitypid:oid! rngcollation:oid! rngsubopc:oid! rngcanonical:regproc!
    rngsubdiff:regproc!`),
  emptyRelation(['pg_catalog', 'pg_replication_origin', 6000, 'table'], `
    roident:oid! roname:text!`),
  emptyRelation(['pg_catalog', 'pg_seclabel', 3596, 'table'], `
    objoid:oid! classoid:oid! objsubid:int4! provider:text! label:text!`),
  emptyRelation(['pg_catalog', 'pg_shdepend', 1214, 'table'], `
    dbid:oid! classid:oid! objid:oid! objsubid:int4! refclassid:oid! refobjid:oid! deptype:char!`),
  emptyRelation(['pg_catalog', 'pg_shseclabel', 3592, 'table'], `
    objoid:oid! classoid:oid! provider:text! label:text!`),
  emptyRelation(['pg_catalog', 'pg_statistic', 2619, 'table'], `
    starelid:oid! staattnum:int2! stainherit:bool! stanullfrac:float4! stawidth:int4! stadistinct:float4!
    stakind1:int2! stakind2:int2! stakind3:int2! stakind4:int2! stakind5:int2! staop1:oid! staop2:oid!
    staop3:oid! staop4:oid! staop5:oid! stacoll1:oid! stacoll2:oid! stacoll3:oid! stacoll4:oid! stacoll5:oid!
    stanumbers1:float4[] stanumbers2:float4[] stanumbers3:float4[] stanumbers4:float4[] stanumbers5:float4[]
    stavalues1:text[] stavalues2:text[] stavalues3:text[] stavalues4:text[] stavalues5:text[]`),
  emptyRelation(['pg_catalog', 'pg_statistic_ext', 3381, 'table'], `
    oid:oid! stxrelid:oid! stxname:name! stxnamespace:oid! stxowner:oid! stxstattarget:int4! stxkeys:int2vector!
    stxkind:char[]! stxexprs:pg_node_tree`),
  emptyRelation(['pg_catalog', 'pg_statistic_ext_data', 3429, 'table'], `
    stxoid:oid! stxdinherit:bool! stxdndistinct:text stxddependencies:text stxdmcv:text stxdexpr:text[]`),
  emptyRelation(['pg_catalog', 'pg_subscription', 6100, 'table'], `
    oid:oid! subdbid:oid! subskiplsn:text! subname:name! subowner:oid! subenabled:bool! subbinary:bool!
    substream:bool! subtwophasestate:char! subdisableonerr:bool! subconninfo:text! subslotname:name
    subsynccommit:text! subpublications:text[]!`),
  emptyRelation(['pg_catalog', 'pg_subscription_rel', 6102, 'table'], `
    srsubid:oid! srrelid:oid! srsubstate:char! srsublsn:text`),
  emptyRelation(['pg_catalog', 'pg_transform', 3576, 'table'], `
    oid:oid! trftype:oid! trflang:oid! trffromsql:regproc! trftosql:regproc!`),
  emptyRelation(['pg_catalog', 'pg_trigger', 2620, 'table'], `
    oid:oid! tgrelid:oid! tgparentid:oid! tgname:name! tgfoid:oid! tgtype:int2! tgenabled:char!
    tgisinternal:bool! tgconstrrelid:oid! tgconstrindid:oid! tgconstraint:oid! tgdeferrable:bool!
    tginitdeferred:bool! tgnargs:int2! tgattr:int2vector! tgargs:bytea! tgqual:pg_node_tree tgoldtable:name
    tgnewtable:name`),
  emptyRelation(['pg_catalog', 'pg_ts_config', 3602, 'table'], `
    oid:oid! cfgname:name! cfgnamespace:oid! cfgowner:oid! cfgparser:oid!`),
  emptyRelation(['pg_catalog', 'pg_ts_config_map', 3603, 'table'], `
    mapcfg:oid! maptokentype:int4! mapseqno:int4! mapdict:oid!`),
  emptyRelation(['pg_catalog', 'pg_ts_dict', 3600, 'table'], `
    oid:oid! dictname:name! dictnamespace:oid! dictowner:oid! dicttemplate:oid! dictinitoption:text`),
  emptyRelation(['pg_catalog', 'pg_ts_parser', 3601, 'table'], `
    oid:oid! prsname:name! prsnamespace:oid! prsstart:regproc! prstoken:regproc! prsend:regproc!
    prsheadline:regproc! prslextype:regproc!`),
  emptyRelation(['pg_catalog', 'pg_ts_template', 3764, 'table'], `
    oid:oid! tmplname:name! tmplnamespace:oid! tmplinit:regproc! tmpllexize:regproc!`),
  emptyRelation(['pg_catalog', 'pg_user_mapping', 1418, 'table'], `
    oid:oid! umuser:oid! umserver:oid! umoptions:text[]`),
];
