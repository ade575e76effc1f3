-- The tables of schema 23 as a fresh installation has them, without keys: those are built after the load.
CREATE TABLE vars (key varchar(255) PRIMARY KEY, value text NOT NULL);
CREATE TABLE blocks (
    hash bytea,
    accepted_id_merkle_root bytea,
    transaction_ids bytea[],
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
CREATE TYPE transactions_inputs AS (
    index smallint,
    previous_outpoint_hash bytea,
    previous_outpoint_index smallint,
    signature_script bytea,
    sig_op_count smallint,
    previous_outpoint_script bytea,
    previous_outpoint_amount bigint,
    compute_budget smallint,
    covenant_id bytea
);
CREATE TYPE transactions_outputs AS (
    index smallint,
    amount bigint,
    script_public_key bytea,
    script_public_key_address text,
    covenant_authorizing_input smallint,
    covenant_id bytea
);
CREATE TABLE transactions (
    transaction_id bytea,
    subnetwork_id bytea,
    hash bytea,
    mass integer,
    payload bytea,
    block_time bigint,
    version smallint,
    inputs transactions_inputs[],
    outputs transactions_outputs[],
    block_hash bytea
);
CREATE TABLE transactions_acceptances (transaction_id bytea, block_hash bytea);
CREATE TABLE addresses_transactions (address text, transaction_id bytea, block_time bigint);
CREATE TABLE scripts_transactions (script_public_key bytea, transaction_id bytea, block_time bigint);
