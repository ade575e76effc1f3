#!/usr/bin/env python3
"""Writes merkle.json and format.json: the ledger's format, worked out a second time.

This is not a port of src/blockdb/chain: it follows docs/internals/ledger-format.md and RFC 9162 by
their recursive definitions, so that one mistake is not made twice. It needs the Python package
'cryptography' for Ed25519. The tests only read the JSON files; run this after a change of the format.
"""

import hashlib
import json
import pathlib
import struct

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

FOLDER = pathlib.Path(__file__).parent
EMPTY = bytes(32)

# Inputs and roots for 1 to 8 leaves that the certificate-transparency reference code publishes.
CT_LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657",
             "606162636465666768696a6b6c6d6e6f"]
CT_ROOTS = """
6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d
fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125
aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77
d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7
4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4
76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef
ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c
5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328
""".split()


def sha(tag, *parts):
    return hashlib.sha256(bytes([tag]) + b"".join(parts)).digest()


def u64(number):
    return struct.pack(">Q", number)


def largest_power_below(n):
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def log_root(leaves):
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return sha(0, leaves[0])
    k = largest_power_below(len(leaves))
    return sha(1, log_root(leaves[:k]), log_root(leaves[k:]))


def inclusion(m, leaves):
    if len(leaves) == 1:
        return []
    k = largest_power_below(len(leaves))
    if m < k:
        return inclusion(m, leaves[:k]) + [log_root(leaves[k:])]
    return inclusion(m - k, leaves[k:]) + [log_root(leaves[:k])]


def consistency(m, leaves, complete=True):
    if m == len(leaves):
        return [] if complete else [log_root(leaves)]
    k = largest_power_below(len(leaves))
    if m <= k:
        return consistency(m, leaves[:k], complete) + [log_root(leaves[k:])]
    return consistency(m - k, leaves[k:], False) + [log_root(leaves[:k])]


def bits(path):
    return "".join(f"{byte:08b}" for byte in path)


def map_root(entries, depth=0):
    if not entries:
        return EMPTY
    if len(entries) == 1:
        return sha(4, entries[0][0], u64(entries[0][1]))
    halves = [[e for e in entries if bits(e[0])[depth] == side] for side in "01"]
    return sha(5, map_root(halves[0], depth + 1), map_root(halves[1], depth + 1))


def map_proof(entries, path, depth=0):
    if not entries:
        return [], None
    if len(entries) == 1:
        return [], entries[0]
    mine = [e for e in entries if bits(e[0])[depth] == bits(path)[depth]]
    others = [e for e in entries if bits(e[0])[depth] != bits(path)[depth]]
    siblings, found = map_proof(mine, path, depth + 1)
    return [map_root(others, depth + 1)] + siblings, found


def encode_map_proof(siblings, found):
    end = b"\0" if found is None else b"\1" + found[0] + u64(found[1])
    return b"BDK\1" + struct.pack(">H", len(siblings)) + b"".join(siblings) + end


def encode_path(mark, first, second, path):
    return mark + u64(first) + u64(second) + bytes([len(path)]) + b"".join(path)


def merkle_vectors():
    leaves = [bytes.fromhex(text) for text in CT_LEAVES]
    for size, root in enumerate(CT_ROOTS, start=1):
        assert log_root(leaves[:size]).hex() == root, size
    sizes = range(len(leaves) + 1)
    return {
        "schema_version": 1,
        "leaves": CT_LEAVES,
        "roots": [log_root(leaves[:size]).hex() for size in sizes],
        "inclusion": [{"index": i, "size": n, "path": [h.hex() for h in inclusion(i, leaves[:n])]}
                      for n in sizes for i in range(n)],
        "consistency": [{"old_size": m, "new_size": n,
                         "path": [h.hex() for h in consistency(m, leaves[:n])]}
                        for n in sizes for m in range(1, n + 1)],
    }


def ledger():
    """Three blocks of 1, 4 and 2 records; the keys reach from one byte to binary."""
    keys = [b"a", b"user:1001:profile", b"user:1001:settings", bytes(range(256)), b"zeta",
            "schlüssel".encode(), b"last"]
    sizes, times = [1, 4, 2], [1_700_000_000_000_000, 1_700_000_000_250_000, 1_700_000_001_000_000]
    height, previous, leaves, entries, records = 0, EMPTY, [], [], []
    genesis = (b"BDB\1" + u64(0) + EMPTY + u64(0) + u64(0) + log_root([]) + EMPTY + u64(0))
    blocks = [genesis]
    for count, time in zip(sizes, times):
        previous, first = sha(6, blocks[-1]), len(leaves)
        for sequence in range(first, first + count):
            key, salt = keys[sequence], hashlib.sha256(b"salt %d" % sequence).digest()[:16]
            value = b"value " * sequence
            commitment = sha(2, salt, u64(len(value)), value)
            leaf = (b"BDL\1" + struct.pack(">H", len(key)) + key + commitment + u64(sequence)
                    + u64(time))
            leaves.append(leaf)
            entries.append((sha(3, key), sequence))
            records.append({"key": key.hex(), "salt": salt.hex(), "value": value.hex(),
                            "commitment": commitment.hex(), "leaf": leaf.hex(),
                            "leaf_hash": sha(0, leaf).hex(), "key_path": sha(3, key).hex()})
        height += 1
        blocks.append(b"BDB\1" + u64(height) + previous + u64(first) + u64(len(leaves))
                      + log_root(leaves) + map_root(entries) + u64(time))
    return keys, leaves, entries, records, blocks


def public(key):
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def sign(key, purpose, message):
    return key.sign(purpose + b"\0" + message)


def key_texts(seed, key):
    identifier = sha(7, public(key))[:8].hex()
    return {"seed": seed.hex(), "public": public(key).hex(), "identifier": identifier,
            "secret_text": f"blockdb-secret-key-v1 {identifier} {seed.hex()}",
            "public_text": f"blockdb-public-key-v1 {identifier} {public(key).hex()}"}


def anchor(origin, block, key, signature):
    number = lambda at: int.from_bytes(block[at:at + 8], "big")
    return (f"blockdb-head-v1 origin={origin.decode()} height={number(4)} first={number(44)} "
            f"size={number(52)} time={number(124)} previous={block[12:44].hex()} "
            f"log={block[60:92].hex()} keys={block[92:124].hex()} signer={public(key).hex()} "
            f"signature={signature.hex()}")


def format_vectors():
    keys, leaves, entries, records, blocks = ledger()
    origin = b"ledger.example.org/orders"
    # The secret keys of RFC 8032 section 7.1, tests 1 and 2.
    seeds = [bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"),
             bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")]
    old, new = [Ed25519PrivateKey.from_private_bytes(seed) for seed in seeds]
    named = bytes([len(origin)]) + origin
    signature = sign(old, b"blockdb signed head v1", named + sha(6, blocks[-1]))
    body = u64(1) + public(old) + public(new)
    rotation = (b"BDR\1" + body + sign(old, b"blockdb key rotation v1", named + body)
                + sign(new, b"blockdb key rotation v1", named + body))
    asked = keys + [b"absent", b"b", b"user:1001", b"\0", b"nobody"]
    return {
        "schema_version": 1,
        "records": records,
        "blocks": [{"encoded": b.hex(), "hash": sha(6, b).hex()} for b in blocks],
        "inclusion_proofs": [encode_path(b"BDI\1", i, 7, inclusion(i, leaves)).hex()
                             for i in range(7)],
        "consistency_proofs": [encode_path(b"BDC\1", m, 7, consistency(m, leaves)).hex()
                               for m in (1, 5, 7)],
        "key_proofs": [{"key": key.hex(), "sequence": keys.index(key) if key in keys else None,
                        "encoded": encode_map_proof(*map_proof(entries, sha(3, key))).hex()}
                       for key in asked],
        "origin": origin.decode(),
        "keys": [key_texts(seed, key) for seed, key in zip(seeds, (old, new))],
        "signed_head": (b"BDH\1" + named + blocks[-1] + public(old) + signature).hex(),
        "anchor": anchor(origin, blocks[-1], old, signature),
        "rotation": rotation.hex(),
        "rotation_record_key": (b"\0signing-key/" + u64(1)).hex(),
    }


for name, vectors in (("merkle", merkle_vectors()), ("format", format_vectors())):
    (FOLDER / f"{name}.json").write_text(json.dumps(vectors, indent=1) + "\n")
