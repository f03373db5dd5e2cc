//! What a plugin may take. The operator of the server sets it; a plugin may ask for less.

use serde::{Deserialize, Serialize};

/// What a plugin may take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Bytes of the file.
    pub artifact_bytes: u64,
    /// Bytes of all memories and tables of one call together.
    pub memory_bytes: u64,
    /// Fuel of one call: about one for each instruction, and one for each byte that is copied.
    pub fuel_per_call: u64,
    /// Fuel of one call for each account in it.
    pub fuel_per_row: u64,
    /// Bytes that one answer, or one line of the log, may take in the host.
    pub answer_bytes: u64,
    /// Bytes that one call may write into the log.
    pub log_bytes: u64,
    /// Accounts of one call.
    pub batch_rows: u32,
    /// Calls at the same time.
    pub calls: u32,
    /// Seconds that it may take to compile it.
    pub compile_seconds: u64,
    /// Bytes of memory that it may take to compile it.
    pub compile_memory_bytes: u64,
}

const MIB: u64 = 1 << 20;

impl Default for Limits {
    fn default() -> Self {
        Self {
            artifact_bytes: 4 * MIB,
            memory_bytes: 32 * MIB,
            fuel_per_call: 50_000_000,
            fuel_per_row: 200_000,
            answer_bytes: 4 * MIB,
            log_bytes: 16 << 10,
            batch_rows: 1000,
            calls: 64,
            compile_seconds: 60,
            compile_memory_bytes: 1 << 30,
        }
    }
}

impl Limits {
    /// The fuel of a call for so many accounts; 0 where it is not about accounts. Pure.
    pub fn fuel(&self, rows: u32) -> u64 {
        self.fuel_per_call.saturating_add(self.fuel_per_row.saturating_mul(u64::from(rows)))
    }
}
