// Relations of information_schema about what does not exist here (domains, triggers, user-defined types ...): every column, no
// rows.
import { emptyRelation } from '../define-system-relation.ts';
import type { SystemRelationDefinition } from '../system-relation.ts';

// biome-ignore format: columns fill the lines
export const EMPTY_INFORMATION: readonly SystemRelationDefinition[] = [
  emptyRelation(['information_schema', '_pg_foreign_data_wrappers', 13507, 'view'], `
    oid:oid fdwowner:oid fdwoptions:text[] foreign_data_wrapper_catalog:name foreign_data_wrapper_name:name
    authorization_identifier:name foreign_data_wrapper_language:varchar`),
  emptyRelation(['information_schema', '_pg_foreign_servers', 13519, 'view'], `
    oid:oid srvoptions:text[] foreign_server_catalog:name foreign_server_name:name
    foreign_data_wrapper_catalog:name foreign_data_wrapper_name:name foreign_server_type:varchar
    foreign_server_version:varchar authorization_identifier:name`),
  emptyRelation(['information_schema', '_pg_foreign_table_columns', 13498, 'view'], `
    nspname:name relname:name attname:name attfdwoptions:text[]`),
  emptyRelation(['information_schema', '_pg_foreign_tables', 13532, 'view'], `
    foreign_table_catalog:name foreign_table_schema:name foreign_table_name:name ftoptions:text[]
    foreign_server_catalog:name foreign_server_name:name authorization_identifier:name`),
  emptyRelation(['information_schema', '_pg_user_mappings', 13545, 'view'], `
    oid:oid umoptions:text[] umuser:oid authorization_identifier:name foreign_server_catalog:name
    foreign_server_name:name srvowner:name`),
  emptyRelation(['information_schema', 'administrable_role_authorizations', 13241, 'view'], `
    grantee:name role_name:name is_grantable:varchar`),
  emptyRelation(['information_schema', 'applicable_roles', 13236, 'view'], `
    grantee:name role_name:name is_grantable:varchar`),
  emptyRelation(['information_schema', 'attributes', 13245, 'view'], `
    udt_catalog:name udt_schema:name udt_name:name attribute_name:name ordinal_position:int4
    attribute_default:varchar is_nullable:varchar data_type:varchar character_maximum_length:int4
    character_octet_length:int4 character_set_catalog:name character_set_schema:name character_set_name:name
    collation_catalog:name collation_schema:name collation_name:name numeric_precision:int4
    numeric_precision_radix:int4 numeric_scale:int4 datetime_precision:int4 interval_type:varchar
    interval_precision:int4 attribute_udt_catalog:name attribute_udt_schema:name attribute_udt_name:name
    scope_catalog:name scope_schema:name scope_name:name maximum_cardinality:int4 dtd_identifier:name
    is_derived_reference_attribute:varchar`),
  emptyRelation(['information_schema', 'check_constraint_routine_usage', 13255, 'view'], `
    constraint_catalog:name constraint_schema:name constraint_name:name specific_catalog:name
    specific_schema:name specific_name:name`),
  emptyRelation(['information_schema', 'collation_character_set_applicability', 13270, 'view'], `
    collation_catalog:name collation_schema:name collation_name:name character_set_catalog:name
    character_set_schema:name character_set_name:name`),
  emptyRelation(['information_schema', 'column_column_usage', 13275, 'view'], `
    table_catalog:name table_schema:name table_name:name column_name:name dependent_column:name`),
  emptyRelation(['information_schema', 'column_domain_usage', 13280, 'view'], `
    domain_catalog:name domain_schema:name domain_name:name table_catalog:name table_schema:name table_name:name
    column_name:name`),
  emptyRelation(['information_schema', 'column_options', 13503, 'view'], `
    table_catalog:name table_schema:name table_name:name column_name:name option_name:name option_value:varchar`),
  emptyRelation(['information_schema', 'column_udt_usage', 13290, 'view'], `
    udt_catalog:name udt_schema:name udt_name:name table_catalog:name table_schema:name table_name:name
    column_name:name`),
  emptyRelation(['information_schema', 'data_type_privileges', 13488, 'view'], `
    object_catalog:name object_schema:name object_name:name object_type:varchar dtd_identifier:name`),
  emptyRelation(['information_schema', 'domain_constraints', 13310, 'view'], `
    constraint_catalog:name constraint_schema:name constraint_name:name domain_catalog:name domain_schema:name
    domain_name:name is_deferrable:varchar initially_deferred:varchar`),
  emptyRelation(['information_schema', 'domain_udt_usage', 13315, 'view'], `
    udt_catalog:name udt_schema:name udt_name:name domain_catalog:name domain_schema:name domain_name:name`),
  emptyRelation(['information_schema', 'domains', 13320, 'view'], `
    domain_catalog:name domain_schema:name domain_name:name data_type:varchar character_maximum_length:int4
    character_octet_length:int4 character_set_catalog:name character_set_schema:name character_set_name:name
    collation_catalog:name collation_schema:name collation_name:name numeric_precision:int4
    numeric_precision_radix:int4 numeric_scale:int4 datetime_precision:int4 interval_type:varchar
    interval_precision:int4 domain_default:varchar udt_catalog:name udt_schema:name udt_name:name
    scope_catalog:name scope_schema:name scope_name:name maximum_cardinality:int4 dtd_identifier:name`),
  emptyRelation(['information_schema', 'foreign_data_wrapper_options', 13511, 'view'], `
    foreign_data_wrapper_catalog:name foreign_data_wrapper_name:name option_name:name option_value:varchar`),
  emptyRelation(['information_schema', 'foreign_data_wrappers', 13515, 'view'], `
    foreign_data_wrapper_catalog:name foreign_data_wrapper_name:name authorization_identifier:name
    library_name:varchar foreign_data_wrapper_language:varchar`),
  emptyRelation(['information_schema', 'foreign_server_options', 13524, 'view'], `
    foreign_server_catalog:name foreign_server_name:name option_name:name option_value:varchar`),
  emptyRelation(['information_schema', 'foreign_table_options', 13537, 'view'], `
    foreign_table_catalog:name foreign_table_schema:name foreign_table_name:name option_name:name
    option_value:varchar`),
  emptyRelation(['information_schema', 'role_routine_grants', 13358, 'view'], `
    grantor:name grantee:name specific_catalog:name specific_schema:name specific_name:name routine_catalog:name
    routine_schema:name routine_name:name privilege_type:varchar is_grantable:varchar`),
  emptyRelation(['information_schema', 'role_udt_grants', 13450, 'view'], `
    grantor:name grantee:name udt_catalog:name udt_schema:name udt_name:name privilege_type:varchar
    is_grantable:varchar`),
  emptyRelation(['information_schema', 'role_usage_grants', 13459, 'view'], `
    grantor:name grantee:name object_catalog:name object_schema:name object_name:name object_type:varchar
    privilege_type:varchar is_grantable:varchar`),
  emptyRelation(['information_schema', 'routine_column_usage', 13348, 'view'], `
    specific_catalog:name specific_schema:name specific_name:name routine_catalog:name routine_schema:name
    routine_name:name table_catalog:name table_schema:name table_name:name column_name:name`),
  emptyRelation(['information_schema', 'routine_privileges', 13353, 'view'], `
    grantor:name grantee:name specific_catalog:name specific_schema:name specific_name:name routine_catalog:name
    routine_schema:name routine_name:name privilege_type:varchar is_grantable:varchar`),
  emptyRelation(['information_schema', 'routine_routine_usage', 13362, 'view'], `
    specific_catalog:name specific_schema:name specific_name:name routine_catalog:name routine_schema:name
    routine_name:name`),
  emptyRelation(['information_schema', 'routine_sequence_usage', 13367, 'view'], `
    specific_catalog:name specific_schema:name specific_name:name routine_catalog:name routine_schema:name
    routine_name:name sequence_catalog:name sequence_schema:name sequence_name:name`),
  emptyRelation(['information_schema', 'routine_table_usage', 13372, 'view'], `
    specific_catalog:name specific_schema:name specific_name:name routine_catalog:name routine_schema:name
    routine_name:name table_catalog:name table_schema:name table_name:name`),
  emptyRelation(['information_schema', 'sql_features', 13391, 'table'], `
    feature_id:varchar feature_name:varchar sub_feature_id:varchar sub_feature_name:varchar is_supported:varchar
    is_verified_by:varchar comments:varchar`),
  emptyRelation(['information_schema', 'sql_implementation_info', 13396, 'table'], `
    implementation_info_id:varchar implementation_info_name:varchar integer_value:int4 character_value:varchar
    comments:varchar`),
  emptyRelation(['information_schema', 'sql_parts', 13401, 'table'], `
    feature_id:varchar feature_name:varchar is_supported:varchar is_verified_by:varchar comments:varchar`),
  emptyRelation(['information_schema', 'sql_sizing', 13406, 'table'], `
    sizing_id:int4 sizing_name:varchar supported_value:int4 comments:varchar`),
  emptyRelation(['information_schema', 'transforms', 13430, 'view'], `
    udt_catalog:name udt_schema:name udt_name:name specific_catalog:name specific_schema:name specific_name:name
    group_name:name transform_type:varchar`),
  emptyRelation(['information_schema', 'triggered_update_columns', 13435, 'view'], `
    trigger_catalog:name trigger_schema:name trigger_name:name event_object_catalog:name
    event_object_schema:name event_object_table:name event_object_column:name`),
  emptyRelation(['information_schema', 'triggers', 13440, 'view'], `
    trigger_catalog:name trigger_schema:name trigger_name:name event_manipulation:varchar
    event_object_catalog:name event_object_schema:name event_object_table:name action_order:int4
    action_condition:varchar action_statement:varchar action_orientation:varchar action_timing:varchar
    action_reference_old_table:name action_reference_new_table:name action_reference_old_row:name
    action_reference_new_row:name created:timestamptz`),
  emptyRelation(['information_schema', 'udt_privileges', 13445, 'view'], `
    grantor:name grantee:name udt_catalog:name udt_schema:name udt_name:name privilege_type:varchar
    is_grantable:varchar`),
  emptyRelation(['information_schema', 'usage_privileges', 13454, 'view'], `
    grantor:name grantee:name object_catalog:name object_schema:name object_name:name object_type:varchar
    privilege_type:varchar is_grantable:varchar`),
  emptyRelation(['information_schema', 'user_defined_types', 13463, 'view'], `
    user_defined_type_catalog:name user_defined_type_schema:name user_defined_type_name:name
    user_defined_type_category:varchar is_instantiable:varchar is_final:varchar ordering_form:varchar
    ordering_category:varchar ordering_routine_catalog:name ordering_routine_schema:name
    ordering_routine_name:name reference_type:varchar data_type:varchar character_maximum_length:int4
    character_octet_length:int4 character_set_catalog:name character_set_schema:name character_set_name:name
    collation_catalog:name collation_schema:name collation_name:name numeric_precision:int4
    numeric_precision_radix:int4 numeric_scale:int4 datetime_precision:int4 interval_type:varchar
    interval_precision:int4 source_dtd_identifier:name ref_dtd_identifier:name`),
  emptyRelation(['information_schema', 'user_mapping_options', 13550, 'view'], `
    authorization_identifier:name foreign_server_catalog:name foreign_server_name:name option_name:name
    option_value:varchar`),
  emptyRelation(['information_schema', 'user_mappings', 13555, 'view'], `
    authorization_identifier:name foreign_server_catalog:name foreign_server_name:name`),
  emptyRelation(['information_schema', 'view_column_usage', 13468, 'view'], `
    view_catalog:name view_schema:name view_name:name table_catalog:name table_schema:name table_name:name
    column_name:name`),
  emptyRelation(['information_schema', 'view_routine_usage', 13473, 'view'], `
    table_catalog:name table_schema:name table_name:name specific_catalog:name specific_schema:name
    specific_name:name`),
];
