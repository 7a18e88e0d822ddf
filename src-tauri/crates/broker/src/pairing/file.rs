use std::sync::atomic::AtomicI64;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{KEY_LIMIT, Kept};

/// The file is never longer.
pub(super) const LIMIT: u64 = 256 * 1024;

#[derive(Serialize, Deserialize)]
struct Document {
    schema: u32,
    keys: Vec<Row>,
}

#[derive(Serialize, Deserialize)]
struct Row {
    name: String,
    sha256: String,
    created: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    last_used: Option<Timestamp>,
}

pub(super) fn parse(bytes: &[u8]) -> Option<Vec<Kept>> {
    let document: Document = serde_json::from_slice(bytes).ok()?;
    if document.schema != 1 || document.keys.len() > KEY_LIMIT {
        return None;
    }
    document.keys.into_iter().map(kept).collect()
}

pub(super) fn text(kept: &[Kept]) -> Vec<u8> {
    let keys = kept
        .iter()
        .map(|one| Row {
            name: one.name.to_string(),
            sha256: one.hash.iter().map(|byte| format!("{byte:02x}")).collect(),
            created: one.created,
            last_used: one.last_used(),
        })
        .collect();
    // Texts and times alone: this serialisation has no way to fail.
    serde_json::to_vec_pretty(&Document { schema: 1, keys }).unwrap_or_default()
}

fn kept(row: Row) -> Option<Kept> {
    let digits = row.sha256.as_bytes();
    if digits.len() != 64 || !digits.iter().all(u8::is_ascii_hexdigit) || !super::is_name(&row.name) {
        return None;
    }
    let mut hash = [0; 32];
    for (byte, pair) in hash.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    let last_used = AtomicI64::new(row.last_used.map_or(0, |time| time.as_second()));
    Some(Kept { name: row.name.into(), hash, created: row.created, last_used })
}
