-- The tables of schema 10, without keys: those are built after the load.
CREATE TABLE vars (key varchar(255) PRIMARY KEY, value text NOT NULL);
CREATE TABLE blocks (
    hash bytea,
    accepted_id_merkle_root bytea,
    merge_set_blues_hashes bytea[],
    merge_set_reds_hashes bytea[],
    selected_parent_hash bytea,
    bits bigint,
    blue_score bigint,
    blue_work bytea,
    daa_score bigint,
    hash_merkle_root bytea,
    nonce bytea,
    pruning_point bytea,
    "timestamp" bigint,
    utxo_commitment bytea,
    version smallint
);
CREATE TABLE block_parent (block_hash bytea, parent_hash bytea);
CREATE TABLE subnetworks (id serial PRIMARY KEY, subnetwork_id varchar(40) NOT NULL);
CREATE TABLE transactions (
    transaction_id bytea,
    subnetwork_id integer,
    hash bytea,
    mass integer,
    payload bytea,
    block_time bigint
);
CREATE TABLE blocks_transactions (block_hash bytea, transaction_id bytea);
CREATE TABLE transactions_inputs (
    transaction_id bytea,
    index smallint,
    previous_outpoint_hash bytea,
    previous_outpoint_index smallint,
    signature_script bytea,
    sig_op_count smallint,
    block_time bigint,
    previous_outpoint_script bytea,
    previous_outpoint_amount bigint
);
CREATE TABLE transactions_outputs (
    transaction_id bytea,
    index smallint,
    amount bigint,
    script_public_key bytea,
    script_public_key_address varchar,
    block_time bigint
);
CREATE TABLE transactions_acceptances (transaction_id bytea, block_hash bytea);
CREATE TABLE addresses_transactions (address varchar, transaction_id bytea, block_time bigint);
CREATE TABLE scripts_transactions (script_public_key bytea, transaction_id bytea, block_time bigint);
